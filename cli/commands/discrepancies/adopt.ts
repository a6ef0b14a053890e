import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'

export default class DiscrepanciesAdopt extends MortiseCommand {
  static override description = 'for the operator: have a provider remove what it lists and nobody here needs'
  static override examples = [
    '$ mortise discrepancies:adopt 01234567-89ab-cdef-0123-456789abcdef -r "left over from the trial"',
  ]
  static override args = { discrepancy: Args.string({ required: true, description: 'id of the discrepancy' }) }
  static override flags = {
    reason: Flags.string({ char: 'r', required: true, description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(DiscrepanciesAdopt)
    const api = await this.connect(flags)
    const it = await this.during('Adopting it', () =>
      api.call(routes.discrepancies.adopt, {
        params: { discrepancy: args.discrepancy },
        body: { reason: flags.reason },
      }),
    )
    this.log(`${it.state}: ${it.reason}`)
    return it
  }
}
