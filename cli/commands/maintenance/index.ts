import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Maintenance extends MortiseCommand {
  static override description = 'show whether an app is in maintenance: visitors then get a page that says so'
  static override examples = ['$ mortise maintenance -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Maintenance)
    const { maintenance } = await (await this.connect(flags)).call(routes.apps.info, { params: { app: appOf(flags) } })
    this.log(maintenance ? 'on' : 'off')
    return { maintenance }
  }
}
