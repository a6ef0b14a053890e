import { buildpacksOf, putBuildpacks, without } from '../../buildpacks.js'
import { Args, appFlag, appOf, Flags, MortiseCommand } from '../../command.js'

export default class BuildpacksRemove extends MortiseCommand {
  static override description = 'remove a buildpack from those that an app is built with'
  static override examples = ['$ mortise buildpacks:remove heroku/nodejs -a guestbook']
  static override args = { buildpack: Args.string({ description: 'its name or address' }) }
  static override flags = {
    app: appFlag,
    index: Flags.integer({ char: 'i', min: 1, description: 'which one, counted from 1' }),
  }

  async run() {
    const { args, flags } = await this.parse(BuildpacksRemove)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const next = without(await buildpacksOf(api, app), { name: args.buildpack, index: flags.index })
    return await this.during(`Changing the buildpacks of ${app}`, async (progress) => {
      const installed = await putBuildpacks(api, app, next)
      progress.done('done; the next deploy uses them')
      return installed
    })
  }
}
