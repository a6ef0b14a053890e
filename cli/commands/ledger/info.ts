import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../command.js'
import { entryText } from '../../operation.js'

export default class LedgerInfo extends MortiseCommand {
  static override description = 'for the operator: show what is known of one resource'
  static override examples = ['$ mortise ledger:info postgresql-curved-12345']
  static override args = { addon: Args.string({ required: true, description: 'name or id of the add-on' }) }

  async run() {
    const { args, flags } = await this.parse(LedgerInfo)
    const api = await this.connect(flags)
    const entry = await api.call(routes.ledger.info, { params: { addon: args.addon } })
    this.log(entryText(entry, new Date()))
    return entry
  }
}
