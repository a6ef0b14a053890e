import { Args, appFlag, appOf, MortiseCommand } from '../../command.js'
import { findBuild } from '../../find-build.js'
import { outputLines } from '../../output-stream.js'

export default class BuildsOutput extends MortiseCommand {
  static override description = 'show what a build said, or says while it runs'
  static override examples = ['$ mortise builds:output -a guestbook']
  static override args = { build: Args.string({ description: 'its id; the newest when absent' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(BuildsOutput)
    const build = await findBuild(await this.connect(flags), appOf(flags), args.build)
    return { id: build.id, status: build.status, output: await this.stream(outputLines(build.output_stream_url)) }
  }
}
