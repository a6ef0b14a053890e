import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../../command.js'

export default class AppsTransfersAccept extends MortiseCommand {
  static override description = 'take an app that is offered to you; you own it then, and pay for its add-ons'
  static override examples = ['$ mortise apps:transfers:accept guestbook']
  static override args = { transfer: required('the app, or the id of the transfer') }

  async run() {
    const { args, flags } = await this.parse(AppsTransfersAccept)
    const api = await this.connect(flags)
    const params = { transfer: args.transfer }
    return await this.during(`Accepting ${args.transfer}`, () =>
      api.call(routes.transfers.update, { params, body: { state: 'accepted' } }),
    )
  }
}
