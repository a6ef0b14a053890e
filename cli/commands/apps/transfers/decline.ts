import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../../command.js'

export default class AppsTransfersDecline extends MortiseCommand {
  static override description = 'refuse an app that is offered to you'
  static override examples = ['$ mortise apps:transfers:decline guestbook']
  static override args = { transfer: required('the app, or the id of the transfer') }

  async run() {
    const { args, flags } = await this.parse(AppsTransfersDecline)
    const api = await this.connect(flags)
    const params = { transfer: args.transfer }
    return await this.during(`Declining ${args.transfer}`, () =>
      api.call(routes.transfers.update, { params, body: { state: 'declined' } }),
    )
  }
}
