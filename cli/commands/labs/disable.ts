import { SetLab } from '../../features.js'

export default class LabsDisable extends SetLab {
  static override description = 'switch something that can be tried early off, for you or for an app'
  static override examples = ['$ mortise labs:disable new-dashboard']
  protected readonly enabled = false
}
