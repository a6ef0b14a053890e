import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { entryText } from '../../operation.js'

export default class LedgerRetry extends MortiseCommand {
  static override description = 'for the operator: ask the provider now to remove what is owed'
  static override examples = ['$ mortise ledger:retry postgresql-curved-12345']
  static override args = { addon: Args.string({ required: true, description: 'name or id of the add-on' }) }
  static override flags = {
    reason: Flags.string({ char: 'r', description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(LedgerRetry)
    const api = await this.connect(flags)
    const entry = await this.during(`Asking for the removal of ${args.addon}`, () =>
      api.call(routes.ledger.retry, { params: { addon: args.addon }, body: { reason: flags.reason } }),
    )
    this.log(entryText(entry, new Date()))
    return entry
  }
}
