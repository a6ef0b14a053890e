import { routes } from '@mortise/contract/platform-api/routes'
import { Failure, MortiseCommand, required, teamFlag, teamOf } from '../../command.js'

export default class MembersUninvite extends MortiseCommand {
  static override description = 'take an invitation into a team back'
  static override aliases = ['teams:uninvite']
  static override examples = ['$ mortise members:uninvite grace@example.com -t acme-team']
  static override args = { email: required('the e-mail address of who was invited') }
  static override flags = { team: teamFlag }

  async run() {
    const { args, flags } = await this.parse(MembersUninvite)
    const team = teamOf(flags)
    const api = await this.connect(flags)
    const invitations = await api.call(routes.teams.invitations, { params: { team } })
    const found = invitations.find(({ user }) => user.email.toLowerCase() === args.email.toLowerCase())
    if (!found) {
      const next = 'See who is with `mortise members:invitations`.'
      throw new Failure(`${args.email} is not invited into ${team}.`, { next })
    }
    return this.during(`Taking the invitation of ${found.user.email} back`, () =>
      api.call(routes.teams.revokeInvitation, { params: { team, invitation: found.id } }),
    )
  }
}
