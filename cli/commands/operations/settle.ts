import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { operationText } from '../../operation.js'

export default class OperationsSettle extends MortiseCommand {
  static override description = 'for the operator: say what became of a plan change that is in doubt'
  static override examples = ['$ mortise operations:settle 01234567-89ab-cdef-0123-456789abcdef --changed']
  static override args = {
    operation: Args.string({ required: true, description: 'its id, from `mortise operations`' }),
  }
  static override flags = {
    reason: Flags.string({ char: 'r', description: 'why, for the record' }),
    changed: Flags.boolean({ exclusive: ['unchanged'], description: 'the provider has changed the plan' }),
    unchanged: Flags.boolean({ description: 'the provider has the old plan' }),
  }

  async run() {
    const { args, flags } = await this.parse(OperationsSettle)
    if (!flags.changed && !flags.unchanged) throw wrongUsage('Changed or not?', 'Pass --changed or --unchanged.')
    const outcome = flags.changed ? 'changed' : 'unchanged'
    const api = await this.connect(flags)
    const operation = await this.during(`Settling ${args.operation}`, () =>
      api.call(routes.operations.settle, {
        params: { operation: args.operation },
        body: { outcome, reason: flags.reason },
      }),
    )
    this.log(operationText(operation, new Date()))
    return operation
  }
}
