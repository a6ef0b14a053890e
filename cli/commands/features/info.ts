import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand, required } from '../../command.js'
import { featurePairs } from '../../features.js'

export default class FeaturesInfo extends MortiseCommand {
  static override description = 'show one thing that can be switched on for an app'
  static override examples = ['$ mortise features:info http-session-affinity -a guestbook']
  static override args = { feature: required('its name') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(FeaturesInfo)
    const api = await this.connect(flags)
    const found = await api.call(routes.apps.feature, { params: { app: appOf(flags), feature: args.feature } })
    this.record(found.name, featurePairs(found))
    return found
  }
}
