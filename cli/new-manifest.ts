import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseCommented } from '@mortise/contract/manifest/commented'
import { isFields } from '@mortise/contract/manifest/fields'
import { isSlug } from '@mortise/contract/manifest/slug'
import { Failure, wrongUsage } from './failure.js'
import type { Manifest } from './manifest-file.js'

/** @throws Failure (wrong usage) for what no service can be called */
export function mustBeSlug(slug: string): void {
  if (!isSlug(slug)) {
    const next = 'Use 2 to 40 lower-case letters, digits and single hyphens, a letter first.'
    throw wrongUsage(`"${slug}" is no slug.`, next)
  }
}

/** The names that a slug gives: FAST_DB begins its config vars, FastDb its functions. */
export function namesOf(slug: string): { prefix: string; pascal: string } {
  const pascal = slug.replace(/(^|-)([a-z0-9])/g, (_, __, first: string) => first.toUpperCase())
  return { prefix: slug.toUpperCase().replaceAll('-', '_'), pascal }
}

/**
 * The annotated example of a manifest, made this service's own, with secrets that nobody else has.
 * @param root the folder of this build, which finds the example beside it
 * @param production where the platform reaches the service, without a path; its own host at example.com when absent
 */
export function newManifest(
  root: string,
  { slug, name, production }: { slug: string; name: string; production?: string },
): string {
  const secret = () => randomBytes(24).toString('base64url')
  const example = readFileSync(path.join(root, '../../contract/manifest/example.jsonc'), 'utf8')
  // As JSON would have it: a quote in a name must not end the text.
  const shown = JSON.stringify(name).slice(1, -1)
  const made = example
    .replace('change-me-to-32-random-characters', secret())
    .replace('change-me-to-32-other-characters', secret())
    .replaceAll('Fast DB', () => shown)
    .replaceAll('fast-db', slug)
    .replaceAll('FAST_DB', namesOf(slug).prefix)
  const address = production?.replace(/\/+$/, '')
  return address ? made.replaceAll(`https://${slug}.example.com/heroku`, () => `${address}/heroku`) : made
}

/** Reads a manifest in which lines that begin with // are comments. @throws Failure with what is wrong */
export function parseManifest(text: string, file = 'The manifest'): Manifest {
  let read: unknown
  try {
    read = parseCommented(text)
  } catch (error) {
    throw new Failure(`${file} is not JSON: ${(error as Error).message}`)
  }
  if (isFields(read)) return read
  throw new Failure(`${file} is no manifest: it must be a JSON object.`)
}
