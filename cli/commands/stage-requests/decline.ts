import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required } from '../../command.js'
import { Failure } from '../../failure.js'

export default class StageRequestsDecline extends MortiseCommand {
  static override description =
    "for the operator: decline a provider's request to be moved on; it reads the reason\n" +
    'To grant it, move the service: addons:admin:state SERVICE STAGE.'
  static override examples = ['$ mortise stage-requests:decline fast-db -r "its support address does not answer"']
  static override args = { service: required('name of the add-on service') }
  static override flags = {
    reason: Flags.string({ char: 'r', required: true, description: 'why; its provider reads it' }),
  }

  async run() {
    const { args, flags } = await this.parse(StageRequestsDecline)
    const api = await this.connect(flags)
    const open = (await api.call(routes.stageRequests.list)).find((one) => one.addon_service.name === args.service)
    if (!open) {
      throw new Failure(`${args.service} has no open request.`, { next: 'See who asks: mortise stage-requests' })
    }
    return await this.during(`Declining the request of ${args.service} for ${open.stage}`, () =>
      api.call(routes.stageRequests.decline, { params: { stage_request: open.id }, body: { reason: flags.reason } }),
    )
  }
}
