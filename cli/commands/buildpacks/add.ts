import { buildpacksOf, putBuildpacks, withAdded } from '../../buildpacks.js'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'

export default class BuildpacksAdd extends MortiseCommand {
  static override description = 'add a buildpack to those that an app is built with'
  static override examples = ['$ mortise buildpacks:add heroku/nodejs --index 1 -a guestbook']
  static override args = { buildpack: required('its name or address') }
  static override flags = {
    app: appFlag,
    index: Flags.integer({ char: 'i', min: 1, description: 'before which one, counted from 1; the end when absent' }),
  }

  async run() {
    const { args, flags } = await this.parse(BuildpacksAdd)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const next = withAdded(await buildpacksOf(api, app), args.buildpack, flags.index)
    return await this.during(`Changing the buildpacks of ${app}`, async (progress) => {
      const installed = await putBuildpacks(api, app, next)
      progress.done('done; the next deploy uses them')
      return installed
    })
  }
}
