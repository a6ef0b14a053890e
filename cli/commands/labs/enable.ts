import { SetLab } from '../../features.js'

export default class LabsEnable extends SetLab {
  static override description = 'switch something that can be tried early on, for you or for an app'
  static override examples = ['$ mortise labs:enable new-dashboard']
  protected readonly enabled = true
}
