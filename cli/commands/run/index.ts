import { routes } from '@mortise/contract/platform-api/routes'
import { assignments } from '../../assignments.js'
import { converse, isTerminal, terminalEnv } from '../../attach.js'
import { appOf, Flags, MortiseCommand } from '../../command.js'
import { consume } from '../../consumer.js'
import { splitAtDashes } from '../../options.js'
import { commandLine, runFlags } from '../../run-command.js'

export default class Run extends MortiseCommand {
  static override description =
    'run a command with the app: its slug, its config vars, in a dyno of its own\n' +
    'An external app runs elsewhere: there the command runs here, on this machine, with its config vars.\n' +
    'Ends with the status of the command.'
  static override usage = 'run -a APP [-- COMMAND...]'
  static override examples = [
    '$ mortise run -a guestbook -- bash',
    '$ mortise run -a guestbook -- node migrate.js --all',
    '$ mortise run -a warehouse -- ./import.sh',
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
    const words = [...(argv as string[]), ...after]
    const command = commandLine(words)
    const seat = { stdin: process.stdin, stdout: process.stdout }
    const raw = isTerminal(seat) && !flags['no-tty']
    const api = await this.connect(flags)
    const { kind } = await api.call(routes.apps.info, { params: { app } })
    if (kind === 'external') {
      // One word is a whole line for the shell, here as there.
      const here = words.length === 1 ? ['sh', '-c', command] : words
      const more = flags.env ? assignments(flags.env) : {}
      const status = await consume(api, { app, words: here, more, acknowledge: false, note: (text) => this.note(text) })
      if (status !== 0) this.exit(status)
      return
    }
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
