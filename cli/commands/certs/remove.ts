import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class CertsRemove extends MortiseCommand {
  static override description = 'remove a TLS certificate of an app; its domains answer without TLS then'
  static override examples = ['$ mortise certs:remove tyrannosaurus-1234 -a guestbook']
  static override args = { name: required('its name, from `mortise certs`') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(CertsRemove)
    const params = { app: appOf(flags), sni_endpoint: args.name }
    const api = await this.connect(flags)
    return await this.during(`Removing ${args.name} from ${params.app}`, () =>
      api.call(routes.sniEndpoints.remove, { params }),
    )
  }
}
