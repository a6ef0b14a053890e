import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Failure } from './failure.js'
import { namesOf } from './new-manifest.js'

/** Where things of the installation are, seen from the folder of this build. */
const templateIn = (root: string) => path.join(root, '../../templates/provider')
const packedIn = (root: string) => path.join(root, '../../sdk/.mortise')

/**
 * Writes the template of a provider into a folder under the names of this service. Nothing that is there is overwritten.
 * @returns the files, seen from the folder
 * @throws Failure naming what is in the way
 */
export function writeTemplate(root: string, dir: string, { slug, name }: { slug: string; name: string }): string[] {
  const from = templateIn(root)
  const files = [...filesIn(from)].sort()
  const inTheWay = files.filter((file) => existsSync(path.join(dir, file)))
  if (inTheWay.length > 0) {
    throw new Failure(`${dir} has ${inTheWay.join(', ')} already.`, { next: 'Choose an empty folder.' })
  }
  const { prefix, pascal } = namesOf(slug)
  for (const file of files) {
    const text = readFileSync(path.join(from, file), 'utf8')
      .replaceAll('Fast DB', () => name)
      .replaceAll('fast-db', slug)
      .replaceAll('FAST_DB', prefix)
      .replaceAll('FastDb', pascal)
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
    writeFileSync(path.join(dir, file), text, { flag: 'wx' })
  }
  return files
}

/** Lays the SDK as one package into DIR/vendor, in place of an older one. @returns the file, seen from the folder */
export function writeSdk(root: string, dir: string): string {
  const from = packedIn(root)
  const file = existsSync(from) ? readdirSync(from).find((each) => /^mortise-provider-.*\.tgz$/.test(each)) : undefined
  if (!file) throw new Failure('The SDK was not packed.', { next: 'Run it by bin/mortise, which packs it first.' })
  mkdirSync(path.join(dir, 'vendor'), { recursive: true })
  copyFileSync(path.join(from, file), path.join(dir, 'vendor', file))
  return `vendor/${file}`
}

/** What a checkout of the template would hold; not what was made in it. */
function* filesIn(dir: string, below = ''): Generator<string> {
  for (const entry of readdirSync(path.join(dir, below), { withFileTypes: true })) {
    const name = path.join(below, entry.name)
    if (['node_modules', 'dist', 'data', 'vendor'].includes(entry.name)) continue
    if (entry.isDirectory()) yield* filesIn(dir, name)
    else yield name
  }
}
