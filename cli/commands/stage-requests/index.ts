import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { ago } from '../../time.js'

export default class StageRequests extends MortiseCommand {
  static override description = 'for the operator: list the add-on services whose providers ask to be moved on'
  static override examples = ['$ mortise stage-requests']

  async run() {
    const { flags } = await this.parse(StageRequests)
    const api = await this.connect(flags)
    const open = await api.call(routes.stageRequests.list)
    return this.list(
      open,
      {
        Service: (one) => one.addon_service.name,
        From: (one) => one.current_stage,
        To: (one) => one.stage,
        By: (one) => one.asked_by,
        Since: (one) => ago(new Date(one.created_at), new Date()),
        Missing: (one) => {
          const missing = one.checks.filter(({ holds }) => !holds).map(({ title }) => title)
          return missing.length ? missing.join('; ') : 'nothing'
        },
        Note: (one) => one.note,
      },
      'Nobody asks to be moved on.',
    )
  }
}
