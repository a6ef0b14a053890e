import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'

export default class DiscrepanciesForget extends MortiseCommand {
  static override description = 'for the operator: leave a discrepancy as it is'
  static override examples = [
    '$ mortise discrepancies:forget 01234567-89ab-cdef-0123-456789abcdef -r "belongs to the staging platform"',
  ]
  static override args = { discrepancy: Args.string({ required: true, description: 'id of the discrepancy' }) }
  static override flags = {
    reason: Flags.string({ char: 'r', required: true, description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(DiscrepanciesForget)
    const api = await this.connect(flags)
    const it = await this.during('Forgetting it', () =>
      api.call(routes.discrepancies.forget, {
        params: { discrepancy: args.discrepancy },
        body: { reason: flags.reason },
      }),
    )
    this.log(`${it.state}: ${it.reason}`)
    return it
  }
}
