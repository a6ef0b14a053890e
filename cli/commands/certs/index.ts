import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Certs extends MortiseCommand {
  static override description = 'list the TLS certificates of an app'
  static override examples = ['$ mortise certs -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Certs)
    const app = appOf(flags)
    const certs = await (await this.connect(flags)).call(routes.sniEndpoints.list, { params: { app } })
    return this.list(
      certs,
      {
        Certificate: (one) => one.name,
        For: (one) => one.ssl_cert.cert_domains.join(', '),
        Ends: (one) => one.ssl_cert.expires_at,
        Domains: (one) => one.domains.length,
      },
      `${app} has no certificates.`,
    )
  }
}
