import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { entryText } from '../../operation.js'

export default class LedgerForget extends MortiseCommand {
  static override description = 'for the operator: stop asking for the removal of a resource'
  static override examples = ['$ mortise ledger:forget postgresql-curved-12345 -r "the provider went out of business"']
  static override args = { addon: Args.string({ required: true, description: 'name or id of the add-on' }) }
  static override flags = {
    reason: Flags.string({ char: 'r', required: true, description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(LedgerForget)
    const api = await this.connect(flags)
    const entry = await this.during(`Forgetting ${args.addon}`, () =>
      api.call(routes.ledger.forget, { params: { addon: args.addon }, body: { reason: flags.reason } }),
    )
    this.log(entryText(entry, new Date()))
    return entry
  }
}
