import type { PlanPass } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required } from '../../../../command.js'
import { Failure } from '../../../../failure.js'
import { slugOf } from '../../../../manifest-file.js'

export default class PassesRemove extends MortiseCommand {
  static override description = "withdraw somebody's plan passes; add-ons that they have stay"
  static override examples = [
    '$ mortise addons:admin:passes:remove grace@example.com --service fast-db',
    '$ mortise addons:admin:passes:remove grace@example.com --service fast-db --plan founders',
  ]
  static override args = { email: required('whose, by e-mail') }
  static override flags = {
    service: Flags.string({
      char: 's',
      helpValue: 'SERVICE',
      description: 'the add-on service; the one of the manifest here when absent',
    }),
    plan: Flags.string({ char: 'p', helpValue: 'PLAN', description: 'only the one for this plan' }),
  }

  async run() {
    const { args, flags } = await this.parse(PassesRemove)
    const slug = await slugOf(flags.service)
    const api = await this.connect(flags)
    const isMeant = ({ email, plan }: PlanPass) =>
      email.toLowerCase() === args.email.toLowerCase() &&
      (!flags.plan || [flags.plan, `${slug}:${flags.plan}`].includes(String(plan?.['name'])))
    const passes = (await api.call(routes.providerPortal.passes, { params: { slug } })).filter(isMeant)
    if (passes.length === 0) {
      throw new Failure(`${args.email} has no such pass for ${slug}.`, {
        next: `See who has one: mortise addons:admin:passes ${slug}`,
      })
    }
    return await this.during(`Withdrawing ${passes.length === 1 ? 'the pass' : 'the passes'} of ${args.email}`, () =>
      Promise.all(passes.map(({ id }) => api.call(routes.providerPortal.withdrawPass, { params: { slug, pass: id } }))),
    )
  }
}
