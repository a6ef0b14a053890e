import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required, teamFlag, teamOf } from '../../command.js'

export default class MembersRemove extends MortiseCommand {
  static override description = 'take somebody out of a team, or leave it yourself'
  static override examples = ['$ mortise members:remove grace@example.com -t acme-team']
  static override args = { email: required('whom, by e-mail') }
  static override flags = { team: teamFlag }

  async run() {
    const { args, flags } = await this.parse(MembersRemove)
    const team = teamOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Taking ${args.email} out of ${team}`, () =>
      api.call(routes.teams.removeMember, { params: { team, member: args.email } }),
    )
  }
}
