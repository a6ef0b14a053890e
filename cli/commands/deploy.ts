import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import type { Api } from '../api.js'
import { followBuild, startBuild } from '../build.js'
import { appFlag, appOf, Flags, MortiseCommand } from '../command.js'
import { outputLines } from '../output-stream.js'
import { colouredText, plainText } from '../plain-text.js'
import { assertReleased, settledRelease } from '../release.js'
import { withSourceArchive } from '../source-archive.js'

/** The server gives new dynos a minute to become healthy, and runs the release command before. */
const releaseSecondsMax = 15 * 60

export default class Deploy extends MortiseCommand {
  static override description =
    'build and release the source in a folder\nSends what git would (see .gitignore), never node_modules or .git.'
  static override aliases = ['builds:create']
  static override examples = ['$ mortise deploy -a guestbook', '$ mortise deploy examples/guestbook -a guestbook']
  static override args = { dir: Args.string({ default: '.', description: 'the folder' }) }
  static override flags = {
    app: appFlag,
    version: Flags.string({ description: 'what to call this version; the commit when it is a git checkout' }),
  }

  async run() {
    const { args, flags } = await this.parse(Deploy)
    const name = appOf(flags)
    const api = await this.connect(flags)
    // Asked before anything is packed: an unknown app or a missing sign-in must not cost an upload.
    const app = await api.call(routes.apps.info, { params: { app: name } })
    const started = await this.during(`Sending ${args.dir === '.' ? 'this folder' : args.dir}`, (progress) =>
      withSourceArchive(args.dir, async (archive) => {
        const size = `${archive.fileCount} files, ${(archive.sizeBytes / 1024).toFixed(0)} KiB`
        progress.update(size)
        const build = await startBuild(api, app.id, archive, flags.version)
        progress.done(`done, ${size}`)
        return build
      }),
    )
    const build = await followBuild(api, app.id, started, (line) => this.show(line))
    const release = await this.release(api, app.id, build.release!.id)
    if (app.web_url) this.log(`${app.name} is at ${plainText(app.web_url)}`)
    return { app, build, release }
  }

  private async release(api: Api, app: string, id: string) {
    const seen = await api.call(routes.releases.info, { params: { app, release: id } })
    // The release command speaks before the waiting is told, so that its lines and the spinner don't mix.
    if (seen.output_stream_url && seen.status === 'pending') {
      for await (const line of outputLines(seen.output_stream_url)) this.show(line)
    }
    return await this.during(`Releasing v${seen.version}`, async () => {
      const settled = await settledRelease(api, app, id, { intervalSeconds: 1, timeoutSeconds: releaseSecondsMax })
      assertReleased(settled)
      return settled
    })
  }

  // The build's own words are what a person waits for, so they are a result and go to stdout.
  private show(line: string): void {
    this.log(process.stdout.isTTY ? colouredText(line) : plainText(line))
  }
}
