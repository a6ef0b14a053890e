import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core/config'
import { configuration } from './main.js'

/**
 * Writes the list of commands beside the build, so that a start loads the one command that it runs and not
 * all of them. Called once by bin/build.
 */
export async function writeManifest(): Promise<void> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  const plugin = new Plugin({
    isRoot: true,
    root,
    pjson: configuration(),
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  writeFileSync(`${root}/oclif.manifest.json`, JSON.stringify(plugin.manifest))
}
