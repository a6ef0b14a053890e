import { routes } from '@mortise/contract/platform-api/routes'
import { Args, Flags, MortiseCommand } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'
import { plainText } from '../../../../plain-text.js'

export default class ManifestsInfo extends MortiseCommand {
  static override description = 'print one version of the manifest of an add-on service'
  static override aliases = ['manifests:info']
  static override examples = ['$ mortise addons:admin:manifests:info fast-db -m 01234567-89ab-cdef-0123-456789abcdef']
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }
  static override flags = {
    manifest: Flags.string({
      char: 'm',
      required: true,
      helpValue: 'ID',
      description: 'its id, from `mortise manifests`',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(ManifestsInfo)
    const params = { slug: await slugOf(args.slug), manifest: flags.manifest }
    const { contents } = await (await this.connect(flags)).call(routes.portal.info, { params })
    this.log(plainText(JSON.stringify(contents, null, 2)))
    return contents
  }
}
