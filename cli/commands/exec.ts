import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand } from '../command.js'
import { wrongUsage } from '../failure.js'
import { runHere } from '../local-process.js'
import { splitAtDashes } from '../options.js'
import { newestReleases } from '../release.js'

export default class Exec extends MortiseCommand {
  static override description =
    "run a command here, on this machine, with an app's config vars\nEnds with the status of the command."
  static override usage = 'exec -a APP -- COMMAND...'
  static override examples = [
    '$ mortise exec -a guestbook -- node server.js',
    '$ mortise exec -a guestbook --acknowledge -- ./start-worker',
  ]
  static override enableJsonFlag = false
  static override strict = false
  static override flags = {
    app: appFlag,
    acknowledge: Flags.boolean({
      description: 'say that the app runs with this config now, so that older credentials may end (external apps)',
    }),
  }

  async run() {
    const { own, provider: after } = splitAtDashes(this.argv)
    const { argv, flags } = await this.parse(Exec, own)
    const app = appOf(flags)
    const words = [...(argv as string[]), ...after]
    if (words.length === 0)
      throw wrongUsage('Run what?', 'Write the command after --, like: mortise exec -a APP -- env')
    const api = await this.connect(flags)
    // Asked first: the config is then of this release or of a newer one.
    const [newest] = flags.acknowledge ? await newestReleases(api, app, 1) : []
    const vars = await api.call(routes.config.info, { params: { app } })
    if (newest) {
      await api.call(routes.releases.acknowledge, { params: { app, release: String(newest.version) } })
    }
    const status = await runHere(words, { ...process.env, ...present(vars) })
    if (status !== 0) this.exit(status)
  }
}

function present(vars: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}
