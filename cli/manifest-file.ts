import { readFile, writeFile } from 'node:fs/promises'
import { Failure, wrongUsage } from './failure.js'
import { parseManifest } from './new-manifest.js'

/** What the field's own tool calls it. */
export const manifestFile = 'addon-manifest.json'
export type Manifest = Record<string, unknown>

/** @throws Failure when the file is not there or holds no JSON object */
export async function readManifest(file: string): Promise<Manifest> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw wrongUsage(`Could not read ${file}: ${(error as Error).message}`)
    throw wrongUsage(
      `Could not read ${file}: it is not there.`,
      "Name the add-on service or its manifest's file, or go to the folder of the manifest.",
    )
  }
  return parseManifest(text, file)
}

/** Writes a manifest, readable by its owner only since it holds secrets. @throws Failure when one is there already */
export async function writeManifest(file: string, contents: Manifest | string, overwrite: boolean): Promise<void> {
  const text = typeof contents === 'string' ? contents : `${JSON.stringify(contents, null, 2)}\n`
  try {
    await writeFile(file, text, { mode: 0o600, flag: overwrite ? 'w' : 'wx' })
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw new Failure(isThere ? `${file} is there already.` : `Could not write ${file}: ${(error as Error).message}`, {
      next: isThere ? 'Pass --force to overwrite it.' : undefined,
    })
  }
}

/** The service's slug: an argument, else what the manifest here calls itself. */
export async function slugOf(given: string | undefined, file = manifestFile): Promise<string> {
  if (given) return given
  const slug = (await readManifest(file))['id']
  if (typeof slug === 'string' && slug !== '') return slug
  throw new Failure(`${file} has no "id".`)
}
