import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Plugin } from '@oclif/core/config'
import { configuration } from './main.js'

/**
 * Writes the list of commands into a build, so that a start loads the one command that it runs and not all
 * of them. Called once by bin/build.
 * @param root the folder of the build
 */
export async function writeManifest(root: string): Promise<void> {
  const plugin = new Plugin({
    isRoot: true,
    root,
    pjson: configuration(root),
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  writeFileSync(path.join(root, 'oclif.manifest.json'), JSON.stringify(plugin.manifest))
}
