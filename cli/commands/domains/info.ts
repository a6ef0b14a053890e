import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class DomainsInfo extends MortiseCommand {
  static override description = 'show one domain of an app'
  static override examples = ['$ mortise domains:info www.example.com -a guestbook']
  static override args = { hostname: required('the domain') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(DomainsInfo)
    const params = { app: appOf(flags), domain: args.hostname }
    const domain = await (await this.connect(flags)).call(routes.domains.info, { params })
    this.record(domain.hostname, {
      Id: domain.id,
      'DNS target': domain.cname,
      Certificate: domain.sni_endpoint?.name,
      'Managed certificate': domain.acm_status,
      Reason: domain.acm_status_reason,
      Status: domain.status,
      Created: domain.created_at,
    })
    return domain
  }
}
