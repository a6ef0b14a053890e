import { Args, appFlag, appOf, MortiseCommand } from '../../command.js'
import { findBuild } from '../../find-build.js'
import { when } from '../../time.js'

export default class BuildsInfo extends MortiseCommand {
  static override description = 'show one build'
  static override examples = ['$ mortise builds:info -a guestbook']
  static override args = { build: Args.string({ description: 'its id; the newest when absent' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(BuildsInfo)
    const build = await findBuild(await this.connect(flags), appOf(flags), args.build)
    this.record(build.id, {
      Status: build.status,
      Message: build.message,
      Version: build.source_blob.version,
      Stack: build.stack,
      Buildpacks: build.buildpacks.map((one) => one.name || one.url).join('\n'),
      By: build.user.email,
      When: when(build.created_at, new Date()),
      Release: build.release?.id,
    })
    return build
  }
}
