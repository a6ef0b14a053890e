import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

export default class ClientsDestroy extends MortiseCommand {
  static override description = 'remove an OAuth client; what people allowed it ends'
  static override examples = ['$ mortise clients:destroy 01234567-89ab-cdef-0123-456789abcdef']
  static override args = { id: required('its id, from `mortise clients`') }

  async run() {
    const { args, flags } = await this.parse(ClientsDestroy)
    const api = await this.connect(flags)
    return await this.during(`Destroying ${args.id}`, () =>
      api.call(routes.oauthClients.remove, { params: { client: args.id } }),
    )
  }
}
