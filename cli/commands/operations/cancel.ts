import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../../command.js'
import { operationText } from '../../operation.js'

export default class OperationsCancel extends MortiseCommand {
  static override description = 'for the operator: end an operation; everything of ours is as it was before it'
  static override examples = [
    '$ mortise operations:cancel 01234567-89ab-cdef-0123-456789abcdef -r "the provider is gone"',
  ]
  static override args = {
    operation: Args.string({ required: true, description: 'its id, from `mortise operations`' }),
  }
  static override flags = {
    reason: Flags.string({ char: 'r', description: 'why, for the record' }),
  }

  async run() {
    const { args, flags } = await this.parse(OperationsCancel)
    const api = await this.connect(flags)
    const operation = await this.during(`Cancelling ${args.operation}`, () =>
      api.call(routes.operations.cancel, {
        params: { operation: args.operation },
        body: { reason: flags.reason },
      }),
    )
    this.log(operationText(operation, new Date()))
    return operation
  }
}
