import { appFlag, appOf, Flags, MortiseCommand } from '../command.js'
import { consume } from '../consumer.js'
import { wrongUsage } from '../failure.js'
import { splitAtDashes } from '../options.js'

export default class Exec extends MortiseCommand {
  static override description =
    "run a command here, on this machine, with an app's config vars\nEnds with the status of the command."
  static override usage = 'exec -a APP [--restart] -- COMMAND...'
  static override examples = [
    '$ mortise exec -a guestbook -- node server.js',
    '$ mortise exec -a warehouse --restart --acknowledge -- ./start-worker',
  ]
  static override enableJsonFlag = false
  static override strict = false
  static override flags = {
    app: appFlag,
    acknowledge: Flags.boolean({
      description: 'say that the app runs with this config now, so that older credentials may end (external apps)',
    }),
    restart: Flags.boolean({ description: 'start the command anew whenever a release changes its config' }),
    'restart-interval': Flags.integer({
      min: 1,
      max: 3600,
      default: 10,
      helpValue: 'SECONDS',
      description: 'how often to look for one',
    }),
  }

  async run() {
    const { own, provider: after } = splitAtDashes(this.argv)
    const { argv, flags } = await this.parse(Exec, own)
    const app = appOf(flags)
    const words = [...(argv as string[]), ...after]
    if (words.length === 0)
      throw wrongUsage('Run what?', 'Write the command after --, like: mortise exec -a APP -- env')
    const status = await consume(await this.connect(flags), {
      app,
      words,
      acknowledge: flags.acknowledge ?? false,
      ...(flags.restart ? { restartSeconds: flags['restart-interval'] } : {}),
      note: (text) => this.note(text),
    })
    if (status !== 0) this.exit(status)
  }
}
