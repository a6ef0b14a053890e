import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class AppsLock extends MortiseCommand {
  static override description = 'lock an app of a team: members have to be added to it from now on'
  static override hiddenAliases = ['lock']
  static override examples = ['$ mortise apps:lock -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(AppsLock)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Locking ${app}`, () =>
      api.call(routes.teamApps.update, { params: { app }, body: { locked: true } }),
    )
  }
}
