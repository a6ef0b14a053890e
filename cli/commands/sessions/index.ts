import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'

export default class Sessions extends MortiseCommand {
  static override description = 'list where you are signed in'
  static override examples = ['$ mortise sessions']

  async run() {
    const { flags } = await this.parse(Sessions)
    const sessions = await (await this.connect(flags)).call(routes.authorizations.sessions)
    sessions.sort((a, b) => a.description.localeCompare(b.description))
    return this.list(
      sessions,
      { What: (one) => one.description, Id: (one) => one.id, Since: (one) => one.created_at },
      'There are no sessions.',
    )
  }
}
