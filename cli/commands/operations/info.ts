import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../command.js'
import { operationText } from '../../operation.js'

export default class OperationsInfo extends MortiseCommand {
  static override description = 'for the operator: tell the story of one operation'
  static override examples = ['$ mortise operations:info 01234567-89ab-cdef-0123-456789abcdef']
  static override args = {
    operation: Args.string({ required: true, description: 'its id, from `mortise operations`' }),
  }

  async run() {
    const { args, flags } = await this.parse(OperationsInfo)
    const api = await this.connect(flags)
    const operation = await api.call(routes.operations.info, { params: { operation: args.operation } })
    this.log(operationText(operation, new Date()))
    return operation
  }
}
