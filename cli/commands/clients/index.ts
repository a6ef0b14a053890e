import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'

export default class Clients extends MortiseCommand {
  static override description = 'list your OAuth clients: programs that may ask people to act for them'
  static override examples = ['$ mortise clients']

  async run() {
    const { flags } = await this.parse(Clients)
    const clients = await (await this.connect(flags)).call(routes.oauthClients.list)
    clients.sort((a, b) => a.name.localeCompare(b.name))
    return this.list(
      clients,
      { Client: (one) => one.name, Id: (one) => one.id, 'Redirect URI': (one) => one.redirect_uri },
      'You have no OAuth clients. Make one with `mortise clients:create NAME URL`.',
    )
  }
}
