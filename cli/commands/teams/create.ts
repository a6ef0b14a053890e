import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

export default class TeamsCreate extends MortiseCommand {
  static override description = 'make a team, whose apps belong to all of it; you are its admin'
  static override examples = ['$ mortise teams:create acme-team']
  static override args = { name: required('its name') }

  async run() {
    const { args, flags } = await this.parse(TeamsCreate)
    const api = await this.connect(flags)
    const team = await this.during(`Creating ${args.name}`, () =>
      api.call(routes.teams.create, { body: { name: args.name } }),
    )
    this.note(`Next: mortise members:add grace@example.com --role member -t ${team.name}`)
    return team
  }
}
