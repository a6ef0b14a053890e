import type { InstallationAccountDetail } from '@mortise/contract/platform-api/installation-accounts'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required } from './command.js'
import { confirmApp } from './confirm.js'

type AccountVerbRoute = (typeof routes.accounts)['suspend' | 'unsuspend' | 'makeOperator' | 'unmakeOperator']

export const reasonFlag = Flags.string({ char: 'r', required: true, description: 'why, for the record' })

/** What an operator does with somebody's account: always with a reason, and where it takes or gives power only confirmed. */
export abstract class AccountVerb extends MortiseCommand {
  static override args = { account: required('e-mail or id') }
  static override flags = {
    reason: reasonFlag,
    confirm: Flags.string({ char: 'c', description: 'the e-mail once more, so that nobody is asked for it' }),
  }
  protected abstract readonly route: AccountVerbRoute
  /** `Suspending`, while it lasts. */
  protected abstract readonly doing: string
  /** What it means for somebody, said before it is agreed to; null where nothing is lost or given. */
  protected abstract warning(email: string): string | null

  async run(): Promise<InstallationAccountDetail> {
    const { args, flags } = await this.parse(this.constructor as typeof AccountVerb & (new () => AccountVerb))
    const api = await this.connect(flags)
    const { email } = await api.call(routes.accounts.info, { params: { account: args.account } })
    const warning = this.warning(email)
    if (warning !== null) await confirmApp(email, warning, flags.confirm)
    return this.during(`${this.doing} ${email}`, () =>
      api.call(this.route as typeof routes.accounts.suspend, {
        params: { account: args.account },
        body: { reason: flags.reason },
      }),
    )
  }
}
