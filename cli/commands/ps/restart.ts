import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'

export default class PsRestart extends MortiseCommand {
  static override description = 'restart all dynos of an app, or one, or those of one process type'
  static override hiddenAliases = ['restart', 'dyno:restart']
  static override examples = [
    '$ mortise ps:restart -a guestbook',
    '$ mortise ps:restart web.1 -a guestbook',
    '$ mortise ps:restart --process-type worker -a guestbook',
  ]
  static override args = { dyno: Args.string({ description: 'a dyno, like web.1, or a process type, like web' }) }
  static override flags = {
    app: appFlag,
    'dyno-name': Flags.string({ char: 'd', description: 'one dyno, like web.1', exclusive: ['process-type'] }),
    'process-type': Flags.string({ char: 'p', description: 'all dynos of this type' }),
  }

  async run() {
    const { args, flags } = await this.parse(PsRestart)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const dyno = flags['dyno-name'] ?? (args.dyno?.includes('.') ? args.dyno : undefined)
    const type = flags['process-type'] ?? (dyno ? undefined : args.dyno)
    const which = dyno ?? (type ? `all ${type} dynos` : 'all dynos')
    await this.during(`Restarting ${which} of ${app}`, () => {
      if (dyno) return api.call(routes.dynos.restart, { params: { app, dyno } })
      if (type) return api.call(routes.dynos.restartType, { params: { app, type } })
      return api.call(routes.dynos.restartAll, { params: { app } })
    })
    return { app, restarted: which }
  }
}
