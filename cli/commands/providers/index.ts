import type { ProviderHealth } from '@mortise/contract/platform-api/providers'
import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { table } from '../../table.js'

export default class Providers extends MortiseCommand {
  static override description = 'for the operator: how the providers did in the last hour, and what waits for them'
  static override examples = ['$ mortise providers']

  async run() {
    const { flags } = await this.parse(Providers)
    const api = await this.connect(flags)
    const providers = await api.call(routes.providers.list)
    if (providers.length === 0) this.note('There are no add-on services yet.')
    else this.log(table(providers, columns, this.paint.bold))
    return providers
  }
}

const right = 'right' as const
const ms = (one: ProviderHealth, at: 'p50' | 'p95' | 'p99') => one.latency_ms && `${one.latency_ms[at]} ms`
const columns = [
  { title: 'Provider', value: (one: ProviderHealth) => one.name },
  {
    title: 'Circuit',
    value: ({ circuit }: ProviderHealth) =>
      circuit.state === 'open' ? `open until ${circuit.retry_at} (${circuit.reason ?? ''})` : 'closed',
  },
  { title: 'Asked', value: (one: ProviderHealth) => one.questions, align: right },
  {
    title: 'Unclear',
    value: (one: ProviderHealth) => (one.error_rate === null ? '' : `${Math.round(one.error_rate * 100)} %`),
    align: right,
  },
  { title: 'p50', value: (one: ProviderHealth) => ms(one, 'p50'), align: right },
  { title: 'p95', value: (one: ProviderHealth) => ms(one, 'p95'), align: right },
  { title: 'p99', value: (one: ProviderHealth) => ms(one, 'p99'), align: right },
  { title: 'Held', value: (one: ProviderHealth) => one.held, align: right },
  { title: 'Waiting', value: (one: ProviderHealth) => one.waiting + one.parked, align: right },
  { title: 'Owed', value: (one: ProviderHealth) => one.owed, align: right },
  { title: 'Stuck', value: (one: ProviderHealth) => one.stuck, align: right },
  {
    title: 'Set-up fault',
    value: ({ fault }: ProviderHealth) => fault && `${fault.note ?? fault.status} (${fault.at})`,
  },
  {
    title: 'Compared',
    value: ({ comparison }: ProviderHealth) =>
      comparison?.outcome &&
      (comparison.outcome === 'whole' ? comparison.compared_at : `not (${comparison.note ?? comparison.outcome})`),
  },
  { title: 'Differs', value: (one: ProviderHealth) => (one.comparison ? one.discrepancies : ''), align: right },
]
