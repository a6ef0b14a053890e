import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, teamFlag, teamOf } from '../../command.js'

export default class MembersInvitations extends MortiseCommand {
  static override description = 'list the invitations into a team that can still be accepted'
  static override aliases = ['teams:invitations']
  static override examples = ['$ mortise members:invitations -t acme-team']
  static override flags = { team: teamFlag }

  async run() {
    const { flags } = await this.parse(MembersInvitations)
    const team = teamOf(flags)
    const invitations = await (await this.connect(flags)).call(routes.teams.invitations, { params: { team } })
    return this.list(
      invitations,
      {
        'E-mail': ({ user }) => user.email,
        Role: ({ role }) => role,
        'Invited by': ({ invited_by }) => invited_by.email,
      },
      `Nobody is invited into ${team}.`,
    )
  }
}
