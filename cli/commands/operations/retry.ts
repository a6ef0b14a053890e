import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { operationText } from '../../operation.js'

export default class OperationsRetry extends MortiseCommand {
  static override description = 'for the operator: try an operation again now, even if it is stuck'
  static override examples = ['$ mortise operations:retry 01234567-89ab-cdef-0123-456789abcdef']
  static override args = {
    operation: Args.string({ required: true, description: 'its id, from `mortise operations`' }),
  }
  static override flags = {
    reason: Flags.string({ char: 'r', description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(OperationsRetry)
    const api = await this.connect(flags)
    const operation = await this.during(`Trying again ${args.operation}`, () =>
      api.call(routes.operations.retry, {
        params: { operation: args.operation },
        body: { reason: flags.reason },
      }),
    )
    this.log(operationText(operation, new Date()))
    return operation
  }
}
