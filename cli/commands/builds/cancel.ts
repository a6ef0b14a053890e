import { routes } from '@mortise/contract/platform-api/routes'
import { Args, appFlag, appOf, MortiseCommand } from '../../command.js'
import { findBuild } from '../../find-build.js'

export default class BuildsCancel extends MortiseCommand {
  static override description = 'stop a build that runs; nothing is released'
  static override examples = ['$ mortise builds:cancel -a guestbook']
  static override args = { build: Args.string({ description: 'its id; the newest when absent' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(BuildsCancel)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const build = await findBuild(api, app, args.build)
    return await this.during(`Stopping the build ${build.id} of ${app}`, () =>
      api.call(routes.builds.cancel, { params: { app, build: build.id } }),
    )
  }
}
