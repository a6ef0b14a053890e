import { routes } from '@mortise/contract/platform-api/routes'
import { certificatePairs, pairArgs, readPair } from '../../certificate.js'
import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'

export default class CertsUpdate extends MortiseCommand {
  static override description = 'replace a TLS certificate of an app, such as by a renewed one'
  static override examples = ['$ mortise certs:update www.pem www.key --name tyrannosaurus-1234 -a guestbook']
  static override args = pairArgs
  static override flags = {
    app: appFlag,
    name: Flags.string({ required: true, description: 'which, from `mortise certs`' }),
  }

  async run() {
    const { args, flags } = await this.parse(CertsUpdate)
    const params = { app: appOf(flags), sni_endpoint: flags.name }
    const body = await readPair(args)
    const api = await this.connect(flags)
    const changed = await this.during(`Replacing ${flags.name} of ${params.app}`, () =>
      api.call(routes.sniEndpoints.update, { params, body }),
    )
    this.record(changed.name, certificatePairs(changed))
    return changed
  }
}
