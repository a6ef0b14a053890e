import { routes } from '@mortise/contract/platform-api/routes'
import { assignments } from '../../assignments.js'
import { converse, isTerminal, terminalEnv } from '../../attach.js'
import { appOf, Flags, MortiseCommand } from '../../command.js'
import { splitAtDashes } from '../../options.js'
import { commandLine, runFlags } from '../../run-command.js'

export default class Run extends MortiseCommand {
  static override description =
    'run a command with the app: its slug, its config vars, in a dyno of its own\nEnds with the status of the command.'
  static override usage = 'run -a APP [-- COMMAND...]'
  static override examples = [
    '$ mortise run -a guestbook -- bash',
    '$ mortise run -a guestbook -- node migrate.js --all',
    '$ mortise run -a guestbook "psql $DATABASE_URL" < seed.sql',
  ]
  static override enableJsonFlag = false
  static override strict = false
  static override flags = {
    ...runFlags,
    'no-tty': Flags.boolean({ description: 'no terminal, even when you sit at one' }),
  }

  async run() {
    const { own, provider: after } = splitAtDashes(this.argv)
    const { argv, flags } = await this.parse(Run, own)
    const app = appOf(flags)
    const command = commandLine([...(argv as string[]), ...after])
    const seat = { stdin: process.stdin, stdout: process.stdout }
    const raw = isTerminal(seat) && !flags['no-tty']
    const api = await this.connect(flags)
    const dyno = await this.during(`Running ${command} on ${app}`, async (progress) => {
      const made = await api.call(routes.dynos.create, {
        params: { app },
        body: {
          attach: true,
          command,
          env: { ...(flags.env ? assignments(flags.env) : {}), ...(raw ? terminalEnv(seat, process.env) : {}) },
          force_no_tty: !raw,
          size: flags.size,
          type: flags.type,
          time_to_live: flags['time-limit'],
        },
      })
      progress.done(`up, ${made.name}`)
      return made
    })
    const status = await converse(api.host, dyno.attach_url, seat, raw)
    if (status !== 0) this.exit(status)
  }
}
