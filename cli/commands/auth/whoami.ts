import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { plainText } from '../../plain-text.js'

export default class Whoami extends MortiseCommand {
  static override description = 'show as whom you are signed in'
  static override aliases = ['whoami']
  static override examples = ['$ mortise whoami']

  async run() {
    const { flags } = await this.parse(Whoami)
    const account = await (await this.connect(flags)).call(routes.account.info)
    this.log(plainText(account.email))
    return account
  }
}
