import { Args, Flags, MortiseCommand } from '../../../../command.js'
import { wrongUsage } from '../../../../failure.js'
import { manifestFile, writeManifest } from '../../../../manifest-file.js'
import { mustBeSlug, newManifest, parseManifest } from '../../../../new-manifest.js'
import { ask, canAsk } from '../../../../prompt.js'

export default class ManifestGenerate extends MortiseCommand {
  static override description = 'write a manifest to begin with, with secrets of its own'
  static override aliases = ['manifest:generate']
  static override examples = [
    '$ mortise addons:admin:manifest:generate',
    '$ mortise manifest:generate fast-db --annotated -o addon-manifest.jsonc',
    '$ mortise manifest:generate fast-db --name "Fast DB" --base-url http://localhost:4567',
  ]
  static override args = { slug: Args.string({ description: 'what customers will type; asked for when absent' }) }
  static override flags = {
    name: Flags.string({ char: 'n', description: 'what the marketplace shows; the slug when absent' }),
    'base-url': Flags.string({
      default: 'http://localhost:4567',
      helpValue: 'URL',
      description: 'where your service answers, without /heroku/resources',
    }),
    output: Flags.string({ char: 'o', default: manifestFile, helpValue: 'FILE', description: 'where to' }),
    annotated: Flags.boolean({
      description: 'with a comment on each field; our commands read it so, others want plain JSON',
    }),
    force: Flags.boolean({ char: 'f', description: 'overwrite a file that is there' }),
  }

  async run() {
    const { args, flags } = await this.parse(ManifestGenerate)
    if (!args.slug && !canAsk()) throw wrongUsage('What is it called?', 'Write manifest:generate SLUG.')
    const slug = args.slug ?? (await ask('Slug, which customers will type: ')).trim()
    mustBeSlug(slug)
    const text = newManifest(this.config.root, { slug, name: flags.name ?? slug, production: flags['base-url'] })
    const contents = parseManifest(text)
    await writeManifest(flags.output, flags.annotated ? text : contents, flags.force ?? false)
    this.log(`Wrote ${flags.output}`)
    this.note('It holds secrets: keep it out of your repository. Publish it with `mortise manifest:push`.')
    return contents
  }
}
