import { serviceStates } from '@mortise/contract/platform-api/catalog'
import { routes } from '@mortise/contract/platform-api/routes'
import { Args, Flags, MortiseCommand } from '../../../command.js'

export default class AddonsAdminState extends MortiseCommand {
  static override description =
    'for the operator: move an add-on service to alpha, beta (for all, unbilled), ga (billed) or shutdown\n' +
    'Before ga the newest inspection of its manifest has to be green; --reason does without, and is put on record.'
  static override examples = [
    '$ mortise addons:admin:state fast-db ga',
    '$ mortise addons:admin:state fast-db ga --reason "inspected in our own pipeline"',
  ]
  static override args = {
    service: Args.string({ required: true, description: 'name of the add-on service' }),
    state: Args.string({ required: true, options: [...serviceStates], description: 'how far it is' }),
  }

  static override flags = {
    reason: Flags.string({ helpValue: 'WHY', description: 'go on although it was not inspected; put on record' }),
  }

  async run() {
    const { args, flags } = await this.parse(AddonsAdminState)
    const api = await this.connect(flags)
    const state = serviceStates.find((one) => one === args.state) ?? 'alpha'
    const service = await this.during(`Setting ${args.service} to ${state}`, () =>
      api.call(routes.catalog.update, {
        params: { service: args.service },
        body: { state, ...(flags.reason ? { reason: flags.reason } : {}) },
      }),
    )
    if (state === 'ga')
      this.note('What is ordered from now on is billed. What was ordered before stays free until its plan changes.')
    return service
  }
}
