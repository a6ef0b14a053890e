import { routes } from '@mortise/contract/platform-api/routes'
import { Args, MortiseCommand } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'

export default class Manifests extends MortiseCommand {
  static override description = 'list the versions of the manifest of an add-on service'
  static override aliases = ['manifests']
  static override examples = ['$ mortise addons:admin:manifests fast-db']
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }

  async run() {
    const { args, flags } = await this.parse(Manifests)
    const slug = await slugOf(args.slug)
    const versions = await (await this.connect(flags)).call(routes.portal.list, { params: { slug } })
    return this.list(
      versions,
      { Manifest: (one) => one.id, Pushed: (one) => one.created_at },
      `${slug} has no manifests.`,
    )
  }
}
