import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Domains extends MortiseCommand {
  static override description = 'list the domains under which an app answers'
  static override examples = ['$ mortise domains -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Domains)
    const app = appOf(flags)
    const domains = await (await this.connect(flags)).call(routes.domains.list, { params: { app } })
    domains.sort(
      (a, b) => Number(a.kind === 'custom') - Number(b.kind === 'custom') || (a.hostname < b.hostname ? -1 : 1),
    )
    return this.list(
      domains,
      {
        Domain: (one) => one.hostname,
        Kind: (one) => (one.kind === 'heroku' ? "the platform's" : 'your own'),
        'DNS target': (one) => one.cname,
        Certificate: (one) => one.sni_endpoint?.name,
        Status: (one) => one.status,
      },
      `${app} answers under no domain.`,
    )
  }
}
