import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required, teamFlag, teamOf } from '../../../command.js'

export default class TeamsServicesAllow extends MortiseCommand {
  static override description = 'allow an add-on service in the apps of a team; once one is allowed, others are not'
  static override examples = ['$ mortise teams:services:allow mortise-postgresql -t acme-team']
  static override args = { service: required('the add-on service') }
  static override flags = { team: teamFlag }

  async run() {
    const { args, flags } = await this.parse(TeamsServicesAllow)
    const team = teamOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Allowing ${args.service} in ${team}`, () =>
      api.call(routes.teams.allowService, { params: { team }, body: { addon_service: args.service } }),
    )
  }
}
