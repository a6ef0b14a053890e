import { SetFeature } from '../../features.js'

export default class FeaturesDisable extends SetFeature {
  static override description = 'switch something off for an app'
  static override examples = ['$ mortise features:disable http-session-affinity -a guestbook']
  protected readonly enabled = false
}
