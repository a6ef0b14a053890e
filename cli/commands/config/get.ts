import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, appOf, Failure, Flags, MortiseCommand } from '../../command.js'
import { shellLine } from '../../shell.js'

export default class ConfigGet extends MortiseCommand {
  static override description = 'print the value of one config var, exactly'
  static override examples = ['$ mortise config:get DATABASE_URL -a guestbook']
  static override args = { name: Args.string({ required: true, description: 'the name of the config var' }) }
  static override flags = {
    app: appFlag,
    shell: Flags.boolean({ char: 's', description: 'as a line that a shell can read' }),
  }

  async run() {
    const { args, flags } = await this.parse(ConfigGet)
    const app = appOf(flags)
    const vars = await (await this.connect(flags)).call(routes.config.info, { params: { app } })
    const value = vars[args.name]
    if (value === undefined || value === null) throw new Failure(`${args.name} is not set on ${app}.`)
    // Not made plain: whoever asks for one value wants its bytes, mostly in a script.
    this.log(flags.shell ? shellLine(args.name, value) : value)
    return { [args.name]: value }
  }
}
