import { routes } from '@mortise/contract/platform-api/routes'
import { Args, appFlag, appOf, Failure, MortiseCommand } from '../../command.js'
import { outputLines } from '../../output-stream.js'
import { newestReleases, releaseIdentity } from '../../release.js'

export default class ReleasesOutput extends MortiseCommand {
  static override description = 'show what the release command of a release said, or says'
  static override examples = ['$ mortise releases:output -a guestbook', '$ mortise releases:output v12 -a guestbook']
  static override args = { release: Args.string({ description: 'v12 or 12; the newest when absent' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(ReleasesOutput)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const release = args.release
      ? await api.call(routes.releases.info, { params: { app, release: releaseIdentity(args.release) } })
      : (await newestReleases(api, app, 1))[0]
    if (!release) throw new Failure(`${app} has no releases.`)
    if (!release.output_stream_url) throw new Failure(`v${release.version} of ${app} ran no release command.`)
    const output = await this.stream(outputLines(release.output_stream_url))
    return { version: release.version, status: release.status, output }
  }
}
