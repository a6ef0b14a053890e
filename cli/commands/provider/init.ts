import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { Args, Flags, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'
import { manifestFile, writeManifest } from '../../manifest-file.js'
import { mustBeSlug, newManifest, parseManifest } from '../../new-manifest.js'
import { writeSdk, writeTemplate } from '../../provider-template.js'

export default class ProviderInit extends MortiseCommand {
  static override description =
    'begin an add-on: a provider in TypeScript that works, its tests, Dockerfile and manifest\n' +
    'The SDK is laid into DIR/vendor as one package, since it is on no registry.'
  static override examples = [
    '$ mortise provider:init fast-db',
    '$ mortise provider:init ./work/fast-db --name "Fast DB"',
    '$ mortise provider:init --sdk-only .',
  ]
  static override args = { dir: Args.string({ required: true, description: 'the folder; made when absent' }) }
  static override flags = {
    slug: Flags.string({ char: 's', description: 'what customers will type; the name of the folder when absent' }),
    name: Flags.string({ char: 'n', description: 'what the marketplace shows; from the slug when absent' }),
    'sdk-only': Flags.boolean({ description: "replace DIR/vendor's SDK by the one of this installation" }),
  }

  async run() {
    const { args, flags } = await this.parse(ProviderInit)
    const dir = path.resolve(args.dir)
    if (flags['sdk-only']) {
      if (!existsSync(path.join(dir, 'package.json'))) {
        throw wrongUsage(`${args.dir} has no package.json.`, 'Name the folder of the provider.')
      }
      const sdk = writeSdk(this.config.root, dir)
      this.log(`Wrote ${sdk}`)
      this.note(`Take it up with \`npm install ./${sdk}\`.`)
      return { dir, sdk, files: [] }
    }
    const slug = flags.slug ?? path.basename(dir)
    mustBeSlug(slug)
    const name = flags.name ?? titleOf(slug)
    // It is written into source text.
    if (!/^[\p{L}\p{N}][\p{L}\p{N} .,+-]{0,59}$/u.test(name)) {
      throw wrongUsage(`"${name}" is no name.`, 'Use letters, digits, spaces and . , + -, at most 60.')
    }
    mkdirSync(dir, { recursive: true })
    const files = writeTemplate(this.config.root, dir, { slug, name })
    const sdk = writeSdk(this.config.root, dir)
    const manifest = parseManifest(newManifest(this.config.root, { slug, name }))
    await writeManifest(path.join(dir, manifestFile), manifest, false)
    for (const file of [...files, sdk, manifestFile]) this.log(`Wrote ${path.join(args.dir, file)}`)
    this.note(`\nNext:\n  cd ${args.dir}\n  npm install\n  npm test\n  mortise provider dev -- npm start`)
    return { dir, sdk, files: [...files, manifestFile] }
  }
}

/** "fast-db" reads as "Fast Db". */
function titleOf(slug: string): string {
  return slug.replace(/(^|-)([a-z0-9])/g, (_, dash: string, first: string) => (dash && ' ') + first.toUpperCase())
}
