import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'
import { clientPairs } from '../../oauth-client.js'

export default class ClientsRotate extends MortiseCommand {
  static override description = 'give an OAuth client a new secret; the old one is refused at once'
  static override examples = ['$ mortise clients:rotate 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise clients`') }

  async run() {
    const { args, flags } = await this.parse(ClientsRotate)
    const api = await this.connect(flags)
    const client = await this.during(`Rotating the secret of ${args.id}`, () =>
      api.call(routes.oauthClients.rotate, { params: { client: args.id } }),
    )
    this.record(undefined, clientPairs(client))
    return client
  }
}
