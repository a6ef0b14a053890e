import { routes } from '@mortise/contract/platform-api/routes'
import { Args, MortiseCommand } from '../../command.js'

export default class Quotas extends MortiseCommand {
  static override description = 'show how much of everything you may have, and have'
  static override examples = ['$ mortise quotas', '$ mortise quotas grace@example.com']
  static override args = {
    account: Args.string({ description: "for the operator: somebody else's, or a team's by its name" }),
  }

  async run() {
    const { args, flags } = await this.parse(Quotas)
    const api = await this.connect(flags)
    const quotas = args.account
      ? await api.call(routes.quotas.list, { params: { user: args.account } })
      : await api.call(routes.quotas.own)
    return this.list(
      quotas,
      {
        Of: ({ name }) => name,
        Used: ({ used }) => used,
        Limit: ({ limit }) => limit ?? 'none',
        Own: ({ is_own }) => (is_own ? 'for this account' : ''),
      },
      'Nothing is counted here.',
    )
  }
}
