import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Drains extends MortiseCommand {
  static override description = 'list where the log of an app goes besides'
  static override examples = ['$ mortise drains -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Drains)
    const app = appOf(flags)
    const drains = await (await this.connect(flags)).call(routes.drains.listOfApp, { params: { app } })
    return this.list(
      drains,
      { To: (one) => one.url, 'Add-on': (one) => one.addon?.name, Token: (one) => one.token },
      `The log of ${app} goes nowhere besides.`,
    )
  }
}
