import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'
import { clientPairs } from '../../oauth-client.js'

export default class ClientsCreate extends MortiseCommand {
  static override description = 'make an OAuth client; its secret is shown once'
  static override examples = ['$ mortise clients:create "Our dashboard" https://dashboard.example.com/oauth/callback']
  static override args = {
    name: required('what people see when they are asked'),
    redirect_uri: required('where people are sent back to'),
  }

  async run() {
    const { args, flags } = await this.parse(ClientsCreate)
    const api = await this.connect(flags)
    const client = await this.during(`Creating ${args.name}`, () =>
      api.call(routes.oauthClients.create, { body: args }),
    )
    this.record(undefined, clientPairs(client))
    this.note('Keep the secret now: it is not shown again.')
    return client
  }
}
