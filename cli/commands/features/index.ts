import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { featureColumns } from '../../features.js'

export default class Features extends MortiseCommand {
  static override description = 'list what can be switched on for an app'
  static override examples = ['$ mortise features -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Features)
    const app = appOf(flags)
    const features = await (await this.connect(flags)).call(routes.apps.features, { params: { app } })
    return this.list(features, featureColumns, 'There is nothing to switch on for apps here.')
  }
}
