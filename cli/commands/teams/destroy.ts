import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, teamFlag, teamOf } from '../../command.js'
import { confirmApp } from '../../confirm.js'

export default class TeamsDestroy extends MortiseCommand {
  static override description = 'remove a team that has no apps any more'
  static override examples = ['$ mortise teams:destroy -t acme-team --confirm acme-team']
  static override flags = {
    team: teamFlag,
    confirm: Flags.string({ char: 'c', helpValue: 'TEAM', description: 'confirm by its name, instead of being asked' }),
  }

  async run() {
    const { flags } = await this.parse(TeamsDestroy)
    const api = await this.connect(flags)
    const team = await api.call(routes.teams.info, { params: { team: teamOf(flags) } })
    await confirmApp(team.name, `This removes the team ${team.name} and all its memberships.`, flags.confirm)
    return await this.during(`Destroying ${team.name}`, () =>
      api.call(routes.teams.remove, { params: { team: team.id } }),
    )
  }
}
