import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'

export default class Teams extends MortiseCommand {
  static override description = 'list your teams'
  static override examples = ['$ mortise teams']

  async run() {
    const { flags } = await this.parse(Teams)
    const teams = await (await this.connect(flags)).call(routes.teams.list)
    teams.sort((a, b) => a.name.localeCompare(b.name))
    return this.list(
      teams,
      { Team: (one) => one.name, 'Your role': (one) => one.role },
      'You are in no team. Make one with `mortise teams:create NAME`.',
    )
  }
}
