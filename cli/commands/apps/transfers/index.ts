import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../../command.js'

export default class AppsTransfers extends MortiseCommand {
  static override description = 'list the apps that are offered to you, or by you'
  static override examples = ['$ mortise apps:transfers']

  async run() {
    const { flags } = await this.parse(AppsTransfers)
    const transfers = await (await this.connect(flags)).call(routes.transfers.list)
    return this.list(
      transfers,
      {
        App: (one) => one.app.name,
        From: (one) => one.owner.email,
        To: (one) => one.recipient.email,
        State: (one) => one.state,
        Id: (one) => one.id,
      },
      'No app is offered to you or by you.',
    )
  }
}
