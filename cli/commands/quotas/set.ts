import { quotaNames } from '@mortise/contract/platform-api/quotas'
import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'
import { wrongUsage } from '../../failure.js'

export default class QuotasSet extends MortiseCommand {
  static override description =
    'for the operator: allow one account more or less than the others\n' +
    'A number, `none` for as much as it likes, or `usual` for what everybody may.'
  static override examples = [
    '$ mortise quotas:set grace@example.com apps=50 dynos=none',
    '$ mortise quotas:set acme-team apps=usual',
  ]
  static override strict = false
  static override args = { account: required('whose; a team by its name') }

  async run() {
    const { args, argv, flags } = await this.parse(QuotasSet)
    const updates = (argv as string[]).slice(1).map(wish)
    if (updates.length === 0) throw wrongUsage('How much of what?', `Say NAME=N, of ${quotaNames.join(', ')}.`)
    const api = await this.connect(flags)
    return this.during(`Setting the quotas of ${args.account}`, () =>
      api.call(routes.quotas.update, { params: { user: args.account }, body: { updates } }),
    )
  }
}

function wish(text: string) {
  const [, given, most = ''] = /^([a-z-]+)=(\d{1,6}|none|usual)$/.exec(text) ?? []
  const name = quotaNames.find((one) => one === given)
  if (!name)
    throw wrongUsage(`"${text}" says no quota.`, `Say NAME=N, NAME=none or NAME=usual, of ${quotaNames.join(', ')}.`)
  if (most === 'usual') return { name }
  return { name, limit: most === 'none' ? null : Number(most) }
}
