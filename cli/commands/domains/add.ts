import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'
import { plainText } from '../../plain-text.js'

export default class DomainsAdd extends MortiseCommand {
  static override description = 'let an app answer under a domain of your own'
  static override examples = [
    '$ mortise domains:add www.example.com -a guestbook',
    '$ mortise domains:add www.example.com --cert tyrannosaurus-1234 -a guestbook',
  ]
  static override args = { hostname: required('the domain, like www.example.com or *.example.com') }
  static override flags = {
    app: appFlag,
    cert: Flags.string({ char: 'c', description: 'the certificate that it is served with, from `mortise certs`' }),
  }

  async run() {
    const { args, flags } = await this.parse(DomainsAdd)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const domain = await this.during(`Adding ${args.hostname} to ${app}`, () =>
      api.call(routes.domains.create, {
        params: { app },
        body: { hostname: args.hostname, sni_endpoint: flags.cert ?? null },
      }),
    )
    if (domain.cname) this.log(`Point the DNS entry of ${plainText(domain.hostname)} to ${plainText(domain.cname)}`)
    return domain
  }
}
