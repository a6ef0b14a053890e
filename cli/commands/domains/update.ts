import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'

export default class DomainsUpdate extends MortiseCommand {
  static override description = 'choose the certificate that a domain is served with'
  static override examples = ['$ mortise domains:update www.example.com --cert tyrannosaurus-1234 -a guestbook']
  static override args = { hostname: required('the domain') }
  static override flags = {
    app: appFlag,
    cert: Flags.string({ required: true, description: 'its name, from `mortise certs`' }),
  }

  async run() {
    const { args, flags } = await this.parse(DomainsUpdate)
    const params = { app: appOf(flags), domain: args.hostname }
    const api = await this.connect(flags)
    return await this.during(`Serving ${args.hostname} with ${flags.cert}`, () =>
      api.call(routes.domains.update, { params, body: { sni_endpoint: flags.cert } }),
    )
  }
}
