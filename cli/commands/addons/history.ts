import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, MortiseCommand } from '../../command.js'
import { storyText } from '../../operation.js'

export default class AddonsHistory extends MortiseCommand {
  static override description = 'tell what happened to an add-on: what was asked, and what its provider answered'
  static override examples = ['$ mortise addons:history DATABASE -a guestbook']
  static override args = {
    addon: Args.string({ required: true, description: 'the add-on, or its attachment in the app' }),
  }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AddonsHistory)
    const api = await this.connect(flags)
    const named = flags.app ? `${flags.app}::${args.addon}` : args.addon
    const operations = await api.call(routes.operations.listOfAddon, { params: { addon: named } })
    if (operations.length === 0) this.note(`Nothing is on record of ${args.addon}.`)
    for (const one of operations) this.log(`${this.paint.bold(`${one.kind}: ${one.state}`)}\n${storyText(one)}\n`)
    return operations
  }
}
