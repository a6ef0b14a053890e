import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'

export default class PassesAdd extends MortiseCommand {
  static override description =
    'give somebody a plan pass, by e-mail: to see and add a service in alpha, or a plan that is not for all\n' +
    'Without --plan it is for the service while it is in alpha. Whoever has no account yet can use it as soon as they have.'
  static override examples = [
    '$ mortise addons:admin:passes:add grace@example.com --service fast-db',
    '$ mortise addons:admin:passes:add grace@example.com --service fast-db --plan founders',
  ]
  static override args = { email: required('whom, by e-mail') }
  static override flags = {
    service: Flags.string({
      char: 's',
      helpValue: 'SERVICE',
      description: 'the add-on service; the one of the manifest here when absent',
    }),
    plan: Flags.string({
      char: 'p',
      helpValue: 'PLAN',
      description: 'one plan, open to them also when it is deprecated',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(PassesAdd)
    const slug = await slugOf(flags.service)
    const api = await this.connect(flags)
    const what = flags.plan ? `the plan ${flags.plan} of ${slug}` : slug
    return await this.during(`Giving ${args.email} a pass for ${what}`, () =>
      api.call(routes.providerPortal.givePass, {
        params: { slug },
        body: { email: args.email, ...(flags.plan ? { plan: flags.plan } : {}) },
      }),
    )
  }
}
