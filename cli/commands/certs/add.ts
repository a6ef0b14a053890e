import { routes } from '@mortise/contract/platform-api/routes'
import { certificatePairs, pairArgs, readPair } from '../../certificate.js'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class CertsAdd extends MortiseCommand {
  static override description = 'give an app a TLS certificate for its domains'
  static override examples = ['$ mortise certs:add www.pem www.key -a guestbook']
  static override args = pairArgs
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(CertsAdd)
    const app = appOf(flags)
    const body = await readPair(args)
    const api = await this.connect(flags)
    const made = await this.during(`Adding a certificate to ${app}`, () =>
      api.call(routes.sniEndpoints.create, { params: { app }, body }),
    )
    this.record(made.name, certificatePairs(made))
    this.note(`Use it with \`mortise domains:update DOMAIN --cert ${made.name} -a ${app}\`.`)
    return made
  }
}
