import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { DownloadAnswer, Downloads } from '../http/outbound.js'
import { ownSource, sourceFile } from './source.js'

/** How long somebody's server may take to hand over an archive. */
const downloadMsMax = 2 * 60_000

/** Opens an archive of source, from our own disk or from where it lies. The caller reads it, or destroys it. */
export async function openArchive(deps: { dir: string; outbound: Downloads }, url: string): Promise<DownloadAnswer> {
  const own = ownSource(url)
  const file = own && sourceFile(deps.dir, own.id)
  if (file && (await stat(file).catch(() => null))) return { got: 'stream', body: createReadStream(file) }
  return deps.outbound.download(url, downloadMsMax)
}
