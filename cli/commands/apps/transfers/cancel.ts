import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../../command.js'

export default class AppsTransfersCancel extends MortiseCommand {
  static override description = 'take back the offer of an app, while it is pending'
  static override examples = ['$ mortise apps:transfers:cancel guestbook']
  static override args = { transfer: required('the app, or the id of the transfer') }

  async run() {
    const { args, flags } = await this.parse(AppsTransfersCancel)
    const api = await this.connect(flags)
    return await this.during(`Taking back ${args.transfer}`, () =>
      api.call(routes.transfers.remove, { params: { transfer: args.transfer } }),
    )
  }
}
