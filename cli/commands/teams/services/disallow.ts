import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required, teamFlag, teamOf } from '../../../command.js'

export default class TeamsServicesDisallow extends MortiseCommand {
  static override description = 'no longer allow an add-on service in the apps of a team; what they have stays'
  static override examples = ['$ mortise teams:services:disallow mortise-postgresql -t acme-team']
  static override args = { service: required('the add-on service') }
  static override flags = { team: teamFlag }

  async run() {
    const { args, flags } = await this.parse(TeamsServicesDisallow)
    const team = teamOf(flags)
    const api = await this.connect(flags)
    return await this.during(`No longer allowing ${args.service} in ${team}`, () =>
      api.call(routes.teams.disallowService, { params: { team, service: args.service } }),
    )
  }
}
