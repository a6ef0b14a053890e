import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { plainText } from '../../plain-text.js'

export default class AppsCreate extends MortiseCommand {
  static override description = 'make an app'
  static override hiddenAliases = ['create']
  static override examples = [
    '$ mortise apps:create guestbook',
    '$ mortise apps:create',
    '$ mortise apps:create warehouse --external',
  ]
  static override args = { name: Args.string({ description: 'its name; one is made up when absent' }) }
  static override flags = {
    region: Flags.string({ description: 'where it runs' }),
    stack: Flags.string({ char: 's', description: 'what it runs on' }),
    external: Flags.boolean({ description: 'it runs elsewhere and takes its config from here' }),
  }

  async run() {
    const { args, flags } = await this.parse(AppsCreate)
    const api = await this.connect(flags)
    const app = await this.during(`Creating ${args.name ?? 'an app'}`, async (progress) => {
      const made = await api.call(routes.apps.create, {
        body: {
          name: args.name,
          region: flags.region,
          stack: flags.stack,
          ...(flags.external ? { kind: 'external' as const } : {}),
        },
      })
      progress.done(`done, ${made.name}`)
      return made
    })
    this.log(plainText(app.web_url ?? app.name))
    this.note(`Next: mortise ${app.kind === 'external' ? 'addons:create' : 'deploy'} -a ${app.name}`)
    return app
  }
}
