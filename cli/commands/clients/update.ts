import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { clientPairs } from '../../oauth-client.js'

export default class ClientsUpdate extends MortiseCommand {
  static override description = 'change the name or the redirect URI of an OAuth client'
  static override examples = ['$ mortise clients:update 01234567-89ab-cdef-0123-456789abcdef -n "Our new dashboard"']
  static override args = { id: required('its id, from `mortise clients`') }
  static override flags = {
    name: Flags.string({ char: 'n', description: 'its new name' }),
    url: Flags.string({ helpValue: 'URL', description: 'where people are sent back to' }),
  }

  async run() {
    const { args, flags } = await this.parse(ClientsUpdate)
    if (!flags.name && !flags.url) throw wrongUsage('Nothing to change.', 'Pass --name or --url.')
    const api = await this.connect(flags)
    const client = await this.during(`Updating ${args.id}`, () =>
      api.call(routes.oauthClients.update, {
        params: { client: args.id },
        body: { name: flags.name, redirect_uri: flags.url },
      }),
    )
    this.record(undefined, clientPairs(client))
    return client
  }
}
