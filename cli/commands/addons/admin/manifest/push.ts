import { readFile } from 'node:fs/promises'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../../../command.js'
import { Failure, wrongUsage } from '../../../../failure.js'

export default class ManifestPush extends MortiseCommand {
  static override description = 'publish an add-on service, or a new version of its manifest'
  static override aliases = ['manifest:push']
  static override examples = ['$ mortise addons:admin:manifest:push', '$ mortise manifest:push my-addon.json']
  static override args = {
    file: Args.string({ description: 'the manifest', default: 'addon-manifest.json' }),
  }

  async run() {
    const { args, flags } = await this.parse(ManifestPush)
    const contents = await readManifestFile(args.file)
    const slug = contents['id']
    if (typeof slug !== 'string' || slug === '') throw new Failure(`${args.file} has no "id".`)
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

async function readManifestFile(file: string): Promise<Record<string, unknown>> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw wrongUsage(`Could not read ${file}: ${(error as Error).message}`)
  }
  try {
    const read: unknown = JSON.parse(text)
    if (read && typeof read === 'object' && !Array.isArray(read)) return read as Record<string, unknown>
  } catch (error) {
    throw new Failure(`${file} is not JSON: ${(error as Error).message}`)
  }
  throw new Failure(`${file} is no manifest: it must be a JSON object.`)
}
