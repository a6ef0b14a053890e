import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class AppsUnlock extends MortiseCommand {
  static override description = 'unlock an app of a team: its members may join it'
  static override hiddenAliases = ['unlock']
  static override examples = ['$ mortise apps:unlock -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(AppsUnlock)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Unlocking ${app}`, () =>
      api.call(routes.teamApps.update, { params: { app }, body: { locked: false } }),
    )
  }
}
