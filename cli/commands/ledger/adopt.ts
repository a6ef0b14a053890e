import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { entryText } from '../../operation.js'

export default class LedgerAdopt extends MortiseCommand {
  static override description = 'for the operator: take up a resource that the provider still has, to have it removed'
  static override examples = [
    '$ mortise ledger:adopt postgresql-curved-12345 --provider-id res-77 -r "the provider told me the id"',
  ]
  static override args = { addon: Args.string({ required: true, description: 'name or id of the add-on' }) }
  static override flags = {
    'provider-id': Flags.string({ helpValue: 'ID', description: "the provider's own id, where it never told it" }),
    reason: Flags.string({ char: 'r', required: true, description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(LedgerAdopt)
    const api = await this.connect(flags)
    const entry = await this.during(`Adopting ${args.addon}`, () =>
      api.call(routes.ledger.adopt, {
        params: { addon: args.addon },
        body: { provider_id: flags['provider-id'], reason: flags.reason },
      }),
    )
    this.log(entryText(entry, new Date()))
    return entry
  }
}
