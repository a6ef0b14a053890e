import { routes } from '@mortise/contract/platform-api/routes'
import { Args, MortiseCommand } from '../../../../command.js'
import { canonicalJson, diffLines } from '@mortise/contract/manifest/diff'
import { manifestFile, readManifest, slugOf } from '../../../../manifest-file.js'
import { plainText } from '../../../../plain-text.js'

export default class ManifestDiff extends MortiseCommand {
  static override description = 'show what a push of the manifest here would change'
  static override aliases = ['manifest:diff']
  static override examples = ['$ mortise addons:admin:manifest:diff']
  static override args = { file: Args.string({ description: 'the manifest', default: manifestFile }) }

  async run() {
    const { args, flags } = await this.parse(ManifestDiff)
    const here = await readManifest(args.file)
    const api = await this.connect(flags)
    const slug = await slugOf(undefined, args.file)
    const { contents } = await api.call(routes.portal.current, { params: { slug } })
    const lines = diffLines(canonicalJson(contents), canonicalJson(here))
    const changes = lines.filter(({ mark }) => mark !== ' ')
    if (changes.length === 0) this.note(`${args.file} is what is in force.`)
    const paint = { '-': this.paint.red, '+': this.paint.green, ' ': (text: string) => text }
    if (changes.length > 0) for (const { mark, text } of lines) this.log(paint[mark](`${mark} ${plainText(text)}`))
    return { changes: changes.map(({ mark, text }) => `${mark} ${text}`) }
  }
}
