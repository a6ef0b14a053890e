import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalid, WireError } from '@mortise/contract/errors'
import { slugBytesMax } from '@mortise/runtime/build/slug'
import { SourceRefused } from '@mortise/runtime/build/unpack'
import { slugFolder } from '@mortise/runtime/build/uploaded-slug'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import type { Slug } from './build.js'
import { completeSlug, expectedChecksumOf } from './slug-store.js'
import { keepStream, slugFile } from './source.js'

/** What lets somebody put or get a slug's archive: made again from its id, so nothing is stored. */
export const slugToken = (secrets: Secrets, id: string): string => secrets.derive(`slugs:${id}`)

export function slugUrl(origin: string, id: string, token?: string): string {
  return `${origin}/slugs/${id}/blob${token === undefined ? '' : `?token=${token}`}`
}

/**
 * Keeps an archive as the slug that it was announced as. What does not fit leaves the place as empty as it was.
 * @throws WireError 409 when it was filled before, 413 past the limit, 422 for what is no archive or not the announced one
 */
export async function takeSlug(deps: { db: Db; dir: string }, slug: Slug, body: Readable): Promise<void> {
  const { db, dir } = deps
  if (slug.bytes !== null) throw filled
  // Beside its place until it is known to be good: two uploads at once each have a file of their own.
  const draft = `${slugFile(dir, slug.id)}.${Math.trunc(performance.now() * 1000)}`
  try {
    const bytes = await keepStream(body, draft, slugBytesMax)
    const hash = createHash('sha256')
    await pipeline(createReadStream(draft), hash)
    const checksum = `SHA256:${hash.digest('hex')}`
    const expected = await expectedChecksumOf(db, slug.id)
    if (expected !== null && expected !== checksum) {
      throw invalid(`The slug's checksum is ${checksum}, not ${expected}. Upload it again.`)
    }
    const folder = await slugFolder(draft)
    // The row decides who was first; its file is in its place before a release can name it.
    await keepStream(createReadStream(draft), slugFile(dir, slug.id), slugBytesMax)
    if (!(await completeSlug(db, { id: slug.id, bytes, checksum, folder }))) throw filled
  } catch (error) {
    if (error instanceof SourceRefused) throw invalid(error.message)
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

const filled = new WireError('conflict', 'This slug was uploaded already, and slugs never change. Create a new one.')
