import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'
import { clientPairs } from '../../oauth-client.js'

export default class ClientsInfo extends MortiseCommand {
  static override description = 'show one OAuth client'
  static override examples = ['$ mortise clients:info 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise clients`') }

  async run() {
    const { args, flags } = await this.parse(ClientsInfo)
    const client = await (await this.connect(flags)).call(routes.oauthClients.info, { params: { client: args.id } })
    this.record(undefined, clientPairs(client))
    return client
  }
}
