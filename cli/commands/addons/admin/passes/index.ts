import { routes } from '@mortise/contract/platform-api/routes'
import { Args, MortiseCommand } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'

export default class Passes extends MortiseCommand {
  static override description = 'list who has a plan pass: sees and adds what is not for all'
  static override examples = ['$ mortise addons:admin:passes fast-db']
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }

  async run() {
    const { args, flags } = await this.parse(Passes)
    const slug = await slugOf(args.slug)
    const passes = await (await this.connect(flags)).call(routes.providerPortal.passes, { params: { slug } })
    return this.list(
      passes,
      {
        Who: (one) => one.email,
        For: (one) => (one.plan === null ? `${slug}, while it is in alpha` : String(one.plan['name'])),
        Since: (one) => one.created_at,
      },
      `Nobody has a pass for ${slug}. Give one with \`mortise addons:admin:passes:add E-MAIL --service ${slug}\`.`,
    )
  }
}
