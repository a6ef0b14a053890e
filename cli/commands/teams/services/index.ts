import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, teamFlag, teamOf } from '../../../command.js'

export default class TeamsServices extends MortiseCommand {
  static override description = 'list the add-on services that a team allows in its apps'
  static override examples = ['$ mortise teams:services -t acme-team']
  static override flags = { team: teamFlag }

  async run() {
    const { flags } = await this.parse(TeamsServices)
    const team = teamOf(flags)
    const allowed = await (await this.connect(flags)).call(routes.teams.allowedServices, { params: { team } })
    return this.list(
      allowed,
      {
        Service: (one) => one.addon_service.name,
        'Allowed by': (one) => one.added_by.email,
        When: (one) => one.added_at,
      },
      `${team} allows all add-on services.`,
    )
  }
}
