import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'

export default class Authorizations extends MortiseCommand {
  static override description = 'list what may act as you: API keys, sign-ins, other programs'
  static override examples = ['$ mortise authorizations', '$ mortise authorizations --json']

  async run() {
    const { flags } = await this.parse(Authorizations)
    const all = await (await this.connect(flags)).call(routes.authorizations.list)
    all.sort((a, b) => a.description.localeCompare(b.description))
    return this.list(
      all,
      {
        What: (one) => one.description,
        Client: (one) => one.client?.name,
        Id: (one) => one.id,
        Scope: (one) => one.scope.join(', '),
      },
      'There are no authorizations.',
    )
  }
}
