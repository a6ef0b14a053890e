import { routes } from '@mortise/contract/platform-api/routes'
import { AccountVerb } from '../../account.js'

export default class AccountsSuspend extends AccountVerb {
  static override description = 'for the operator: let somebody in nowhere, at once; their apps run on'
  static override examples = [
    '$ mortise accounts:suspend grace@example.com --reason "as agreed" --confirm grace@example.com',
  ]
  protected readonly route = routes.accounts.suspend
  protected readonly doing = 'Suspending'

  protected warning(email: string) {
    return `${email} is signed out everywhere at once, and no token of theirs works. Their apps and add-ons run on.`
  }
}
