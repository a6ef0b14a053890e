import { routes } from '@mortise/contract/platform-api/routes'
import { Args, Flags, MortiseCommand } from '../../../../command.js'
import { manifestFile, slugOf, writeManifest } from '../../../../manifest-file.js'

export default class ManifestPull extends MortiseCommand {
  static override description = 'write the manifest that is in force into a file'
  static override aliases = ['manifest:pull']
  static override examples = [
    '$ mortise addons:admin:manifest:pull fast-db',
    '$ mortise manifest:pull fast-db -o old.json',
  ]
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }
  static override flags = {
    output: Flags.string({ char: 'o', default: manifestFile, helpValue: 'FILE', description: 'where to' }),
    force: Flags.boolean({ char: 'f', description: 'overwrite a file that is there' }),
  }

  async run() {
    const { args, flags } = await this.parse(ManifestPull)
    const slug = await slugOf(args.slug)
    const { contents } = await (await this.connect(flags)).call(routes.portal.current, { params: { slug } })
    await writeManifest(flags.output, contents, flags.force ?? false)
    this.log(`Wrote ${flags.output}`)
    return contents
  }
}
