import { routes } from '@mortise/contract/platform-api/routes'
import { assignments } from '../../assignments.js'
import { appOf, MortiseCommand } from '../../command.js'
import { splitAtDashes } from '../../options.js'
import { commandLine, runFlags } from '../../run-command.js'

export default class RunDetached extends MortiseCommand {
  static override description = 'run a command with the app and go on; its output is in the log'
  static override usage = 'run:detached -a APP [-- COMMAND...]'
  static override examples = ['$ mortise run:detached -a guestbook -- node import.js']
  static override strict = false
  static override flags = runFlags

  async run() {
    const { own, provider: after } = splitAtDashes(this.argv)
    const { argv, flags } = await this.parse(RunDetached, own)
    const app = appOf(flags)
    const command = commandLine([...(argv as string[]), ...after])
    const api = await this.connect(flags)
    const dyno = await this.during(`Running ${command} on ${app}`, async (progress) => {
      const env = flags.env ? assignments(flags.env) : {}
      const body = {
        attach: false,
        command,
        env,
        size: flags.size,
        type: flags.type,
        time_to_live: flags['time-limit'],
      }
      const made = await api.call(routes.dynos.create, { params: { app }, body })
      progress.done(`done, ${made.name}`)
      return made
    })
    this.note(`See what it says: mortise logs -t -d ${dyno.name} -a ${app}`)
    return dyno
  }
}
