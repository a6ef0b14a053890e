import { SetMaintenance } from '../../maintenance.js'

export default class MaintenanceOn extends SetMaintenance {
  static override description = 'show visitors a page that says so, instead of the app; dynos keep running'
  static override examples = ['$ mortise maintenance:on -a guestbook']
  protected readonly maintenance = true
}
