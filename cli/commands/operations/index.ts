import { type Operation, operationStates } from '@mortise/contract/platform-api/operations'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand } from '../../command.js'
import { waitsFor } from '../../operation.js'
import { table } from '../../table.js'
import { ago } from '../../time.js'

export default class Operations extends MortiseCommand {
  static override description = 'for the operator: list what runs, waits and is stuck'
  static override examples = ['$ mortise operations', '$ mortise operations -s stuck --provider mortise-postgresql']
  static override flags = {
    state: Flags.string({
      char: 's',
      options: ['open', ...operationStates],
      default: 'open',
      description: 'only those',
    }),
    app: Flags.string({ char: 'a', helpValue: 'APP', description: 'only of this app' }),
    addon: Flags.string({ helpValue: 'ADDON', description: 'only of this add-on' }),
    provider: Flags.string({ helpValue: 'SERVICE', description: 'only of this add-on service' }),
    num: Flags.integer({ char: 'n', min: 1, max: 1000, default: 50, description: 'how many, the newest first' }),
  }

  async run() {
    const { flags } = await this.parse(Operations)
    const api = await this.connect(flags)
    const { state, app, addon, provider } = flags
    const operations = await api.first(routes.operations.list, {
      query: { 'eq[state]': state, 'eq[app]': app, 'eq[addon]': addon, 'eq[provider]': provider },
      headers: { range: `created_at ..; order=desc,max=${flags.num}` },
    })
    if (operations.length === 0) this.note(`Nothing is ${state === 'open' ? 'under way' : state}.`)
    else this.log(table(operations, columnsAt(new Date()), this.paint.bold))
    return operations
  }
}

function columnsAt(now: Date) {
  return [
    { title: 'Operation', value: (one: Operation) => one.id },
    { title: 'Kind', value: (one: Operation) => one.kind },
    { title: 'About', value: (one: Operation) => one.addon?.name ?? one.app?.name },
    { title: 'State', value: (one: Operation) => one.state },
    { title: 'Waits for', value: (one: Operation) => waitsFor(one) },
    { title: 'Why', value: (one: Operation) => one.reason },
    { title: 'Began', value: (one: Operation) => ago(new Date(one.created_at), now) },
  ]
}
