import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { ask, canAsk, readStdin } from '../../prompt.js'

export default class Password extends MortiseCommand {
  static override description =
    'change your password\nBrowsers that are signed in are signed out; keys of command lines and programs stay.'
  static override examples = ['$ mortise auth:password', '$ mortise auth:password --stdin < both.txt']
  static override flags = {
    stdin: Flags.boolean({
      description: 'read the password in force and the new one from standard input, a line each',
    }),
  }

  async run() {
    const { flags } = await this.parse(Password)
    if (!flags.stdin && !canAsk()) throw wrongUsage('There is no terminal to ask on.', 'Pass --stdin.')
    const { password, wanted } = flags.stdin ? await fromStdin() : await fromTerminal()
    const api = await this.connect(flags)
    const { email } = await api.call(routes.account.update, { body: { password, new_password: wanted } })
    this.log(`The password of ${email} is changed`)
    return { email }
  }
}

async function fromStdin() {
  const [password, wanted, ...more] = (await readStdin()).split(/\r?\n/).filter(Boolean)
  if (!password || !wanted || more.length > 0)
    throw wrongUsage('Standard input holds two lines: the password in force, and the new one.')
  return { password, wanted }
}

async function fromTerminal() {
  const password = await ask('Password in force: ', { hidden: true })
  const wanted = await ask('New password: ', { hidden: true })
  if ((await ask('New password again: ', { hidden: true })) !== wanted)
    throw wrongUsage('The two new passwords are not the same. Nothing was changed.')
  return { password, wanted }
}
