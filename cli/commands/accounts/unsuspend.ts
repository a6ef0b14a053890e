import { routes } from '@mortise/contract/platform-api/routes'
import { AccountVerb } from '../../account.js'

export default class AccountsUnsuspend extends AccountVerb {
  static override description = 'for the operator: let somebody in again, with the tokens they had'
  static override examples = ['$ mortise accounts:unsuspend grace@example.com --reason "as agreed"']
  protected readonly route = routes.accounts.unsuspend
  protected readonly doing = 'Unsuspending'

  protected warning() {
    return null
  }
}
