import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

/** What is unpacked in search of one file: an archive that swells to more is not looked through. */
const unpackedBytesMax = 1024 * 1024 * 1024
const blockBytes = 512

export type Found = { found: Buffer } | { problem: string }

/**
 * Looks for one small file in a gzipped tar archive, at its top or in the one folder that hosts of sources put around it.
 * Nothing is written to the disk and nothing else of the archive is kept. The stream is ended in any case.
 * @param name of the file, such as `app.json`
 * @param bytesMax of the file itself
 */
export async function findInArchive(archive: Readable, name: string, bytesMax: number): Promise<Found> {
  const gunzip = createGunzip()
  let outcome: Found | undefined
  try {
    await pipeline(archive, gunzip, async (unpacked: AsyncIterable<Buffer>) => {
      outcome = (await scan(unpacked, name, bytesMax)) ?? { problem: `There is no ${name} in the archive.` }
    })
  } catch (error) {
    const isOurs = ['ENOSPC', 'EACCES', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (isOurs) throw error
    // What comes after it is not read, which the streams before it complain of.
    outcome ??= { problem: 'The source is not a whole gzipped tar archive.' }
  } finally {
    archive.destroy()
    gunzip.destroy()
  }
  return outcome ?? { problem: 'The source is not a whole gzipped tar archive.' }
}

async function scan(unpacked: AsyncIterable<Buffer>, name: string, bytesMax: number): Promise<Found | undefined> {
  let held: Buffer = Buffer.alloc(0)
  let skip = 0
  let seen = 0
  let deeper: Found | undefined
  for await (const chunk of unpacked) {
    seen += chunk.length
    if (seen > unpackedBytesMax) return { problem: 'The source unpacks to more than 1 GB.' }
    if (skip >= chunk.length) {
      skip -= chunk.length
      continue
    }
    held = Buffer.concat([held, chunk.subarray(skip)])
    skip = 0
    for (;;) {
      if (held.length < blockBytes) break
      const header = headerOf(held)
      if (!header) return deeper
      const padded = Math.ceil(header.bytes / blockBytes) * blockBytes
      const isWanted =
        header.isFile &&
        (header.path === name || (/^[^/]+\/[^/]+$/.test(header.path) && header.path.endsWith(`/${name}`)))
      if (isWanted) {
        if (header.bytes > bytesMax) return { problem: `${name} is larger than ${bytesMax / 1024} KB.` }
        if (held.length < blockBytes + header.bytes) break
        const found = { found: Buffer.from(held.subarray(blockBytes, blockBytes + header.bytes)) }
        if (header.path === name) return found
        deeper ??= found
      }
      const whole = blockBytes + padded
      if (held.length >= whole) held = held.subarray(whole)
      else {
        skip = whole - held.length
        held = Buffer.alloc(0)
        break
      }
    }
  }
  return deeper
}

/** One entry's header, or null at the archive's end and for what is no header. Source: POSIX, "ustar". */
function headerOf(block: Buffer): { path: string; bytes: number; isFile: boolean } | null {
  const text = (from: number, to: number) => block.subarray(from, to).toString('utf8').split('\0')[0] ?? ''
  const bytes = Number.parseInt(text(124, 136).trim() || '0', 8)
  if (text(0, 100) === '' || !Number.isSafeInteger(bytes) || bytes < 0) return null
  const prefix = text(257, 262) === 'ustar' ? text(345, 500) : ''
  const path = `${prefix ? `${prefix}/` : ''}${text(0, 100)}`.replace(/^(\.\/)+/, '')
  return { path, bytes, isFile: ['0', '', '\0'].includes(text(156, 157)) }
}
