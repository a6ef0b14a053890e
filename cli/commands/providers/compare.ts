import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../command.js'

export default class ProvidersCompare extends MortiseCommand {
  static override description = 'for the operator: compare the ledger with what a provider lists, now'
  static override examples = ['$ mortise providers:compare mortise-postgresql']
  static override args = { service: Args.string({ required: true, description: 'name of the add-on service' }) }

  async run() {
    const { args, flags } = await this.parse(ProvidersCompare)
    const api = await this.connect(flags)
    const provider = await this.during(`Asking for a comparison with ${args.service}`, () =>
      api.call(routes.providers.compare, { params: { service: args.service } }),
    )
    this.note('It is under way. See what it came to with mortise providers and mortise discrepancies.')
    return provider
  }
}
