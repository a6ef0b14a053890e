import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class AppsLeave extends MortiseCommand {
  static override description = "stop working on somebody else's app"
  static override hiddenAliases = ['leave']
  static override examples = ['$ mortise apps:leave -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(AppsLeave)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const { email } = await api.call(routes.account.info)
    return await this.during(`Leaving ${app}`, () =>
      api.call(routes.apps.removeCollaborator, { params: { app, collaborator: email } }),
    )
  }
}
