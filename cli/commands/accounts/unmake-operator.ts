import { routes } from '@mortise/contract/platform-api/routes'
import { AccountVerb } from '../../account.js'

export default class AccountsUnmakeOperator extends AccountVerb {
  static override description = "for the operator: take an operator's rights away"
  static override examples = [
    '$ mortise accounts:unmake-operator grace@example.com --reason "as agreed" --confirm grace@example.com',
  ]
  protected readonly route = routes.accounts.unmakeOperator
  protected readonly doing = "Taking the operator's rights from"

  protected warning(email: string) {
    return `${email} can no longer repair anything, nor let anybody in.`
  }
}
