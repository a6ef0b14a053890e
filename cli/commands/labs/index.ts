import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, MortiseCommand } from '../../command.js'
import { featureColumns } from '../../features.js'

export default class Labs extends MortiseCommand {
  static override description = 'list what can be tried early, for you and for an app'
  static override examples = ['$ mortise labs', '$ mortise labs -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Labs)
    const api = await this.connect(flags)
    const account = await api.call(routes.account.features)
    const app = flags.app ? await api.call(routes.apps.features, { params: { app: flags.app } }) : []
    this.list([...account, ...app], featureColumns, 'There is nothing to try early here.')
    return { account, app }
  }
}
