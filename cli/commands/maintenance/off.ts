import { SetMaintenance } from '../../maintenance.js'

export default class MaintenanceOff extends SetMaintenance {
  static override description = 'let visitors in again'
  static override examples = ['$ mortise maintenance:off -a guestbook']
  protected readonly maintenance = false
}
