import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class AppsJoin extends MortiseCommand {
  static override description = 'start working on an app of your team'
  static override hiddenAliases = ['join']
  static override examples = ['$ mortise apps:join -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(AppsJoin)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const { email } = await api.call(routes.account.info)
    return await this.during(`Joining ${app}`, () =>
      api.call(routes.teamApps.addCollaborator, { params: { app }, body: { user: email } }),
    )
  }
}
