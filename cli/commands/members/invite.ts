import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required, teamFlag, teamOf } from '../../command.js'

export default class MembersInvite extends MortiseCommand {
  static override description =
    'invite somebody into a team by a link that only their account can accept\nNo mail is sent: hand the link on yourself.'
  static override aliases = ['teams:invite']
  static override examples = ['$ mortise members:invite grace@example.com --role member -t acme-team']
  static override args = { email: required('the e-mail address of who is invited') }
  static override flags = {
    team: teamFlag,
    role: Flags.string({
      char: 'r',
      options: ['admin', 'member', 'viewer'],
      default: 'member',
      description: 'what they may do in the team',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(MembersInvite)
    const team = teamOf(flags)
    const body = { email: args.email, role: flags.role as 'admin' | 'member' | 'viewer' }
    const made = await (await this.connect(flags)).call(routes.teams.invite, { params: { team }, body })
    this.note(`Hand this link on to ${made.user.email}; it is shown only now:`)
    this.log(made.url ?? '')
    return made
  }
}
