import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand } from '../command.js'
import { shellLine } from '../shell.js'

export default class Env extends MortiseCommand {
  static override description = 'print the config vars of an app as lines that a shell reads'
  static override examples = ['$ eval "$(mortise env -a guestbook)"', '$ mortise env -a guestbook --dotenv > .env']
  static override flags = {
    app: appFlag,
    dotenv: Flags.boolean({ description: 'NAME=VALUE lines without export, for a .env file' }),
  }

  async run() {
    const { flags } = await this.parse(Env)
    const vars = await (await this.connect(flags)).call(routes.config.info, { params: { app: appOf(flags) } })
    for (const name of Object.keys(vars).sort()) {
      // Not made plain: a program needs the exact bytes.
      this.log(`${flags.dotenv ? '' : 'export '}${shellLine(name, vars[name] ?? '')}`)
    }
    return vars
  }
}
