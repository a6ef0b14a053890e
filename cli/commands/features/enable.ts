import { SetFeature } from '../../features.js'

export default class FeaturesEnable extends SetFeature {
  static override description = 'switch something on for an app'
  static override examples = ['$ mortise features:enable http-session-affinity -a guestbook']
  protected readonly enabled = true
}
