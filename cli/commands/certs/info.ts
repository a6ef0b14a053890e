import { routes } from '@mortise/contract/platform-api/routes'
import { certificatePairs } from '../../certificate.js'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class CertsInfo extends MortiseCommand {
  static override description = 'show one TLS certificate of an app'
  static override examples = ['$ mortise certs:info tyrannosaurus-1234 -a guestbook']
  static override args = { name: required('its name, from `mortise certs`') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(CertsInfo)
    const params = { app: appOf(flags), sni_endpoint: args.name }
    const found = await (await this.connect(flags)).call(routes.sniEndpoints.info, { params })
    this.record(found.name, certificatePairs(found))
    return found
  }
}
