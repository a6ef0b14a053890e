import { type Discrepancy, discrepancyStates } from '@mortise/contract/platform-api/discrepancies'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand } from '../../command.js'
import { table } from '../../table.js'
import { ago } from '../../time.js'

export default class Discrepancies extends MortiseCommand {
  static override description = 'for the operator: list where the ledger and what providers list do not agree'
  static override examples = ['$ mortise discrepancies', '$ mortise discrepancies --provider mortise-postgresql']
  static override flags = {
    state: Flags.string({ char: 's', options: [...discrepancyStates], description: 'only those' }),
    provider: Flags.string({ helpValue: 'SERVICE', description: 'only of this add-on service' }),
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 100, description: 'how many, the newest first' }),
  }

  async run() {
    const { flags } = await this.parse(Discrepancies)
    const api = await this.connect(flags)
    const found = await api.first(routes.discrepancies.list, {
      query: { 'eq[state]': flags.state, 'eq[provider]': flags.provider },
      headers: { range: `found_at ..; order=desc,max=${flags.num}` },
    })
    if (found.length === 0) this.note('The ledger and what providers list agree.')
    else this.log(table(found, columnsAt(new Date()), this.paint.bold))
    return found
  }
}

function columnsAt(now: Date) {
  return [
    { title: 'Id', value: (one: Discrepancy) => one.id },
    { title: 'Provider', value: (one: Discrepancy) => one.addon_service.name },
    { title: 'Kind', value: (one: Discrepancy) => one.kind },
    { title: 'Add-on', value: (one: Discrepancy) => one.addon?.name },
    { title: 'Listed as', value: (one: Discrepancy) => one.resource ?? one.provider_id },
    { title: 'State', value: (one: Discrepancy) => one.state },
    { title: 'Why', value: (one: Discrepancy) => one.reason },
    { title: 'Since', value: (one: Discrepancy) => ago(new Date(one.found_at), now) },
    { title: 'You may', value: (one: Discrepancy) => one.verbs.map((verb) => `discrepancies:${verb}`).join(', ') },
  ]
}
