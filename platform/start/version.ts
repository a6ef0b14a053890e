import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Which Mortise this is, as its package says. */
export function version(): string {
  return JSON.parse(readFileSync(path.join(here(), '..', '..', 'package.json'), 'utf8')).version
}

/** Beside the sources, and one deeper in the build. */
const here = () => path.dirname(fileURLToPath(import.meta.url))
