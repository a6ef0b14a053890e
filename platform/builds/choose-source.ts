import { invalid } from '@mortise/contract/errors'
import type { Db } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { ownSource, sourceUrl } from './source.js'
import { findSource } from './source-store.js'

/** A source that was not uploaded to us is fetched from there when its build's turn comes. */
export interface ChosenSource {
  id: string
  /** Without a token when it is ours. */
  url: string
  isNew: boolean
}

/** @throws WireError 422 when the address is none we can build from */
export async function chooseSource(
  { db, world }: { db: Db; world: World },
  url: string,
  origin: string,
): Promise<ChosenSource> {
  const own = ownSource(url)
  const found = own && (await findSource(db, own.id))
  if (own && found?.hash.equals(tokenHash(own.token))) {
    if (!found.uploadedAt) {
      throw invalid('Nothing was uploaded to that source yet. PUT the archive to its put_url first.')
    }
    return { id: found.id, url: sourceUrl(origin, found.id), isNew: false }
  }
  const { protocol, username } = URL.canParse(url) ? new URL(url) : { protocol: '', username: '' }
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw invalid('"source_blob.url" must be an http or https address of a .tar or .tgz archive.')
  }
  if (username) throw invalid('"source_blob.url" must not hold a name or a password. Use an address that needs none.')
  return { id: world.id(), url, isNew: true }
}

/** @throws WireError 422 for what is no SHA-256 */
export function checkChecksum(given: string | null | undefined): void {
  if (given && !/^(sha256:)?[0-9a-f]{64}$/i.test(given)) {
    throw invalid('"source_blob.checksum" must be SHA256: and 64 hexadecimal digits.')
  }
}
