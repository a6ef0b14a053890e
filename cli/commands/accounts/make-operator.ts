import { routes } from '@mortise/contract/platform-api/routes'
import { AccountVerb } from '../../account.js'

export default class AccountsMakeOperator extends AccountVerb {
  static override description = 'for the operator: make somebody an operator, who may do all that you may'
  static override examples = [
    '$ mortise accounts:make-operator grace@example.com --reason "as agreed" --confirm grace@example.com',
  ]
  protected readonly route = routes.accounts.makeOperator
  protected readonly doing = 'Making an operator of'

  protected warning(email: string) {
    return `${email} will see and change everything on this installation, and can take your rights away.`
  }
}
