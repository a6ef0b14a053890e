import { buildpacksOf, putBuildpacks, withSet } from '../../buildpacks.js'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'

export default class BuildpacksSet extends MortiseCommand {
  static override description = 'set the buildpack that an app is built with'
  static override examples = ['$ mortise buildpacks:set heroku/nodejs -a guestbook']
  static override args = { buildpack: required('its name or address') }
  static override flags = {
    app: appFlag,
    index: Flags.integer({ char: 'i', min: 1, description: 'in place of which one, counted from 1' }),
  }

  async run() {
    const { args, flags } = await this.parse(BuildpacksSet)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const next = withSet(await buildpacksOf(api, app), args.buildpack, flags.index)
    return await this.during(`Changing the buildpacks of ${app}`, async (progress) => {
      const installed = await putBuildpacks(api, app, next)
      progress.done('done; the next deploy uses them')
      return installed
    })
  }
}
