import { serviceStates } from '@mortise/contract/platform-api/catalog'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../../command.js'

export default class AddonsAdminState extends MortiseCommand {
  static override description =
    'for the operator: move an add-on service to alpha, beta (for all, unbilled), ga (billed) or shutdown'
  static override examples = ['$ mortise addons:admin:state fast-db ga']
  static override args = {
    service: Args.string({ required: true, description: 'name of the add-on service' }),
    state: Args.string({ required: true, options: [...serviceStates], description: 'how far it is' }),
  }

  async run() {
    const { args, flags } = await this.parse(AddonsAdminState)
    const api = await this.connect(flags)
    const state = serviceStates.find((one) => one === args.state) ?? 'alpha'
    const service = await this.during(`Setting ${args.service} to ${state}`, () =>
      api.call(routes.catalog.update, { params: { service: args.service }, body: { state } }),
    )
    if (state === 'ga')
      this.note('What is ordered from now on is billed. What was ordered before stays free until its plan changes.')
    return service
  }
}
