import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'
import { monthly } from '../../price.js'

export default class AccountsInfo extends MortiseCommand {
  static override description = "for the operator: show an account, or a team by its name, and what is the account's"
  static override examples = ['$ mortise accounts:info grace@example.com', '$ mortise accounts:info acme-team']
  static override args = { account: required("e-mail or id; a team by the team's name") }

  async run() {
    const { args, flags } = await this.parse(AccountsInfo)
    const api = await this.connect(flags)
    const params = { account: args.account }
    const account = await api.call(routes.accounts.info, { params })
    const apps = await api.call(routes.accounts.apps, { params })
    const isTeam = account.kind === 'team'
    const roles = (all: { role: string }[], name: (one: never) => string) =>
      all.map((one) => `${name(one as never)} (${one.role})`).join(', ') || 'none'
    this.record(isTeam ? (account.name ?? account.email) : account.email, {
      Id: account.id,
      Since: account.created_at,
      ...(isTeam ? {} : { 'Signed in': account.last_login ?? 'never' }),
      Operator: account.is_operator ? 'yes' : undefined,
      Suspended: account.suspended_at ? `${account.suspended_at}: ${account.suspended_reason}` : undefined,
      Apps: apps.map(({ name }) => name).join(', ') || 'none',
      'Add-ons': account.add_ons,
      'A month': monthly(account.price.cents),
      ...(isTeam
        ? {
            Members: roles(account.members, ({ email }: { email: string }) => email),
            'Allowed services': account.allowed_services.map(({ name }) => name).join(', ') || 'all',
          }
        : {
            Teams: roles(account.teams, ({ name }: { name: string }) => name),
            Authorizations: account.authorizations,
            Browsers: account.sessions,
          }),
    })
    return { ...account, app_list: apps }
  }
}
