import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, teamFlag, teamOf } from '../../command.js'

export default class TeamsInfo extends MortiseCommand {
  static override description = 'show a team: who is in it, and which apps it has'
  static override examples = ['$ mortise teams:info -t acme-team']
  static override flags = { team: teamFlag }

  async run() {
    const { flags } = await this.parse(TeamsInfo)
    const params = { team: teamOf(flags) }
    const api = await this.connect(flags)
    const [team, members, apps] = await Promise.all([
      api.call(routes.teams.info, { params }),
      api.call(routes.teams.members, { params }),
      api.call(routes.teamApps.list, { params }),
    ])
    this.record(team.name, {
      'Your role': team.role,
      Members: members.map((one) => `${one.email} (${one.role})`).join('\n'),
      Apps: apps.map(({ name }) => name).join('\n'),
      Created: team.created_at,
    })
    return { team, members, apps }
  }
}
