import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required, teamFlag, teamOf } from '../../command.js'

export default class TeamsRename extends MortiseCommand {
  static override description = 'give a team another name'
  static override examples = ['$ mortise teams:rename acme -t acme-team']
  static override args = { name: required('the new name') }
  static override flags = { team: teamFlag }

  async run() {
    const { args, flags } = await this.parse(TeamsRename)
    const team = teamOf(flags)
    const api = await this.connect(flags)
    return await this.during(`Renaming ${team} to ${args.name}`, () =>
      api.call(routes.teams.update, { params: { team }, body: { name: args.name } }),
    )
  }
}
