import { randomBytes } from 'node:crypto'
import { Args, Flags, MortiseCommand } from '../../../../command.js'
import { wrongUsage } from '../../../../failure.js'
import { manifestFile, writeManifest } from '../../../../manifest-file.js'
import { ask, canAsk } from '../../../../prompt.js'

export default class ManifestGenerate extends MortiseCommand {
  static override description = 'write a manifest to begin with, with secrets of its own'
  static override aliases = ['manifest:generate']
  static override examples = [
    '$ mortise addons:admin:manifest:generate',
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
    force: Flags.boolean({ char: 'f', description: 'overwrite a file that is there' }),
  }

  async run() {
    const { args, flags } = await this.parse(ManifestGenerate)
    if (!args.slug && !canAsk()) throw wrongUsage('What is it called?', 'Write manifest:generate SLUG.')
    const slug = args.slug ?? (await ask('Slug, which customers will type: ')).trim()
    if (!/^[a-z][a-z0-9-]{0,99}$/.test(slug)) {
      throw wrongUsage(`"${slug}" is no slug.`, 'Use lower-case letters, digits and hyphens, a letter first.')
    }
    const contents = manifestFor(slug, flags.name ?? slug, flags['base-url'].replace(/\/+$/, ''))
    await writeManifest(flags.output, contents, flags.force ?? false)
    this.log(`Wrote ${flags.output}`)
    this.note('It holds secrets: keep it out of your repository. Publish it with `mortise manifest:push`.')
    return contents
  }
}

function manifestFor(slug: string, name: string, base: string) {
  const prefix = slug.toUpperCase().replaceAll('-', '_')
  const secret = () => randomBytes(24).toString('base64url')
  return {
    id: slug,
    name,
    api: {
      version: '3',
      password: secret(),
      sso_salt: secret(),
      config_vars: [`${prefix}_URL`],
      config_vars_prefix: prefix,
      regions: ['*'],
      requires: ['attachable', 'many_per_app'],
      production: { base_url: `${base}/heroku/resources`, sso_url: `${base}/heroku/sso` },
    },
    plans: [
      {
        name: 'test',
        human_name: 'Test',
        description: 'For trying it out.',
        price: { cents: 0, unit: 'month' },
        default: true,
        features: [],
      },
    ],
  }
}
