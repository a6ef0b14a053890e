import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'
import { plainText } from '../../plain-text.js'
import { shellLine } from '../../shell.js'
import { properties } from '../../table.js'

export default class Config extends MortiseCommand {
  static override description = 'show the config vars of an app'
  static override examples = ['$ mortise config -a guestbook', '$ mortise config -a guestbook --shell > .env']
  static override flags = {
    app: appFlag,
    shell: Flags.boolean({ char: 's', description: 'as lines that a shell can read' }),
  }

  async run() {
    const { flags } = await this.parse(Config)
    const app = appOf(flags)
    const vars = await (await this.connect(flags)).call(routes.config.info, { params: { app } })
    const names = Object.keys(vars).sort()
    if (flags.shell) for (const name of names) this.log(shellLine(name, vars[name] ?? ''))
    else if (names.length === 0) this.note(`${plainText(app)} has no config vars.`)
    else this.log(properties(names.map((name) => [name, vars[name] || '""'])))
    return vars
  }
}
