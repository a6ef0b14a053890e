import { routes } from '@mortise/contract/platform-api/routes'
import { Args, MortiseCommand } from '../../../../command.js'
import { manifestFile, readManifest, slugOf } from '../../../../manifest-file.js'

export default class ManifestPush extends MortiseCommand {
  static override description = 'publish an add-on service, or a new version of its manifest'
  static override aliases = ['manifest:push']
  static override examples = ['$ mortise addons:admin:manifest:push', '$ mortise manifest:push my-addon.json']
  static override args = { file: Args.string({ description: 'the manifest', default: manifestFile }) }

  async run() {
    const { args, flags } = await this.parse(ManifestPush)
    const contents = await readManifest(args.file)
    const slug = await slugOf(undefined, args.file)
    const api = await this.connect(flags)
    const answer = await this.during(`Pushing the manifest of ${slug}`, () =>
      api.call(routes.portal.push, { params: { slug }, body: { contents } }),
    )
    for (const warning of answer.warnings ?? []) this.note(`Warning: ${warning}`)
    if (answer.client_secret) {
      this.log(`OAuth client secret (shown this once): ${answer.client_secret}`)
    }
    return answer
  }
}
