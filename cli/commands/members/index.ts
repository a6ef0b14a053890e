import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, teamFlag, teamOf } from '../../command.js'

export default class Members extends MortiseCommand {
  static override description = 'list who is in a team'
  static override examples = ['$ mortise members -t acme-team']
  static override flags = { team: teamFlag }

  async run() {
    const { flags } = await this.parse(Members)
    const team = teamOf(flags)
    const members = await (await this.connect(flags)).call(routes.teams.members, { params: { team } })
    members.sort((a, b) => a.email.localeCompare(b.email))
    return this.list(members, { Who: (one) => one.email, Role: (one) => one.role }, `Nobody is in ${team}.`)
  }
}
