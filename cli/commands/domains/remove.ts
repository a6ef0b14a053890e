import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'

export default class DomainsRemove extends MortiseCommand {
  static override description = 'let an app no longer answer under a domain'
  static override examples = ['$ mortise domains:remove www.example.com -a guestbook']
  static override args = { hostname: required('the domain') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(DomainsRemove)
    const params = { app: appOf(flags), domain: args.hostname }
    const api = await this.connect(flags)
    return await this.during(`Removing ${args.hostname} from ${params.app}`, () =>
      api.call(routes.domains.remove, { params }),
    )
  }
}
