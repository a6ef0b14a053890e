import type { routes } from '@mortise/contract/platform-api/routes'
import { type TeamRole, teamRoles } from '@mortise/contract/platform-api/teams'
import { Flags, MortiseCommand, required, teamFlag, teamOf } from './command.js'

/** `members:add` and `members:set`: the same but for whether the person is in the team already. */
export abstract class PutMember extends MortiseCommand {
  static override args = { email: required('whom, by e-mail') }
  static override flags = {
    team: teamFlag,
    role: Flags.string({
      char: 'r',
      required: true,
      options: teamRoles.filter((role) => role !== 'owner'),
      description: 'what they are',
    }),
  }
  protected abstract readonly route: typeof routes.teams.addMember | typeof routes.teams.updateMember

  async run() {
    const { args, flags } = await this.parse(this.ctor as typeof PutMember)
    const team = teamOf(flags)
    const api = await this.connect(flags)
    const body = { email: args.email, role: flags.role as TeamRole }
    return await this.during(`Making ${args.email} ${flags.role} of ${team}`, () =>
      api.call(this.route, { params: { team }, body }),
    )
  }
}
