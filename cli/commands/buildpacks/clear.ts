import { putBuildpacks } from '../../buildpacks.js'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class BuildpacksClear extends MortiseCommand {
  static override description = 'name no buildpacks for an app: one is detected from its source again'
  static override examples = ['$ mortise buildpacks:clear -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(BuildpacksClear)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Clearing the buildpacks of ${app}`, () => putBuildpacks(api, app, []))
  }
}
