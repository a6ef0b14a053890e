import { type LedgerEntry, ledgerStates } from '@mortise/contract/platform-api/operations'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand } from '../../command.js'
import { table } from '../../table.js'
import { ago } from '../../time.js'

export default class Ledger extends MortiseCommand {
  static override description =
    'for the operator: list the resources that providers were asked for and that are not known to be gone'
  static override examples = ['$ mortise ledger', '$ mortise ledger -s stuck --provider mortise-postgresql']
  static override flags = {
    state: Flags.string({ char: 's', options: [...ledgerStates], description: 'only those' }),
    provider: Flags.string({ helpValue: 'SERVICE', description: 'only of this add-on service' }),
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 100, description: 'how many, the newest first' }),
  }

  async run() {
    const { flags } = await this.parse(Ledger)
    const api = await this.connect(flags)
    const entries = await api.first(routes.ledger.list, {
      query: { 'eq[state]': flags.state, 'eq[provider]': flags.provider },
      headers: { range: `created_at ..; order=desc,max=${flags.num}` },
    })
    if (entries.length === 0) this.note(flags.state ? `Nothing is ${flags.state}.` : 'No provider holds anything.')
    else this.log(table(entries, columnsAt(new Date()), this.paint.bold))
    const differing = await api.first(routes.discrepancies.list, { query: { 'eq[state]': 'open' } })
    if (differing.length > 0) {
      const count = differing.length === 1 ? '1 thing' : `${differing.length} things`
      this.note(`Providers list ${count} otherwise than the ledger: see mortise discrepancies.`)
    }
    return entries
  }
}

function columnsAt(now: Date) {
  return [
    { title: 'Add-on', value: (one: LedgerEntry) => one.addon.name },
    { title: 'Provider', value: (one: LedgerEntry) => one.addon_service.name },
    { title: 'App', value: (one: LedgerEntry) => one.app?.name },
    { title: 'State', value: (one: LedgerEntry) => one.state },
    { title: 'Tries', value: (one: LedgerEntry) => one.attempts, align: 'right' as const },
    { title: 'Next try', value: (one: LedgerEntry) => one.next_try_at },
    { title: 'Why', value: (one: LedgerEntry) => one.reason },
    { title: 'Asked for', value: (one: LedgerEntry) => ago(new Date(one.created_at), now) },
  ]
}
