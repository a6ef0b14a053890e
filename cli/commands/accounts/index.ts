import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand } from '../../command.js'
import { monthly } from '../../price.js'
import { ago } from '../../time.js'

export default class Accounts extends MortiseCommand {
  static override description = 'for the operator: list who has an account, and what each has'
  static override examples = [
    '$ mortise accounts',
    '$ mortise accounts --search example.com --suspended',
    '$ mortise accounts --teams',
  ]
  static override flags = {
    search: Flags.string({ char: 's', description: 'a part of the e-mail or the name' }),
    teams: Flags.boolean({ description: 'teams, instead of people' }),
    suspended: Flags.boolean({ description: 'only those who are suspended', exclusive: ['operators'] }),
    operators: Flags.boolean({ description: 'only operators' }),
  }

  async run() {
    const { flags } = await this.parse(Accounts)
    const state = flags.suspended ? 'suspended' : flags.operators ? 'operator' : undefined
    const found = await (await this.connect(flags)).call(routes.accounts.list, {
      query: {
        'eq[kind]': flags.teams ? 'team' : 'person',
        ...(state ? { 'eq[state]': state } : {}),
        ...(flags.search ? { q: flags.search } : {}),
      },
      headers: { range: 'email ..; max=1000' },
    })
    const now = new Date()
    return this.list(
      found,
      {
        [flags.teams ? 'Team' : 'E-mail']: (one) => (flags.teams ? one.name : one.email),
        Since: ({ created_at }) => created_at.slice(0, 10),
        'Signed in': ({ last_login }) => (last_login ? ago(new Date(last_login), now) : ''),
        Apps: ({ apps }) => apps,
        'Add-ons': ({ add_ons }) => add_ons,
        'A month': ({ price }) => monthly(price.cents),
        '': ({ suspended_at, is_operator }) => (suspended_at ? 'suspended' : is_operator ? 'operator' : ''),
      },
      'There is nobody like that.',
    )
  }
}
