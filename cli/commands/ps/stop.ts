import { routes } from '@mortise/contract/platform-api/routes'
import { Args, appFlag, appOf, Flags, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'

export default class PsStop extends MortiseCommand {
  static override description =
    'stop one dyno, or those of one process type\nIt stays down until a restart or the next release; a one-off ends for good.'
  static override aliases = ['ps:kill']
  static override hiddenAliases = ['stop', 'kill', 'dyno:stop', 'dyno:kill']
  static override examples = [
    '$ mortise ps:stop run.1234 -a guestbook',
    '$ mortise ps:stop --process-type run -a guestbook',
  ]
  static override args = { dyno: Args.string({ description: 'a dyno, like run.1234, or a process type, like run' }) }
  static override flags = {
    app: appFlag,
    'dyno-name': Flags.string({ char: 'd', description: 'one dyno, like run.1234', exclusive: ['process-type'] }),
    'process-type': Flags.string({ char: 'p', description: 'all dynos of this type' }),
  }

  async run() {
    const { args, flags } = await this.parse(PsStop)
    const app = appOf(flags)
    const dyno = flags['dyno-name'] ?? (args.dyno?.includes('.') ? args.dyno : undefined)
    const type = flags['process-type'] ?? (dyno ? undefined : args.dyno)
    if (!dyno && !type) throw wrongUsage('Stop what?', 'Name a dyno, like web.1, or a process type, like web.')
    const api = await this.connect(flags)
    const which = dyno ?? `all ${type} dynos`
    await this.during(`Stopping ${which} of ${app}`, () =>
      dyno
        ? api.call(routes.dynos.stop, { params: { app, dyno } })
        : api.call(routes.dynos.stopType, { params: { app, type: type! } }),
    )
    return { app, stopped: which }
  }
}
