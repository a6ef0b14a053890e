import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isUuid } from '@mortise/contract/identity'

/** The largest source archive that is taken in. */
export const sourceBytesMax = 512 * 1024 * 1024

/** A source archive: an empty place at first, a file of ours once it has been uploaded or fetched. */
export interface Source {
  id: string
  accountId: string
  /** Of the token that lets somebody write and read the archive. */
  hash: Buffer
  bytes: number | null
  createdAt: Date
  uploadedAt: Date | null
}

export const sourceFile = (dir: string, id: string) => path.join(dir, 'sources', `${id}.tgz`)
export const slugFile = (dir: string, id: string) => path.join(dir, 'slugs', `${id}.tgz`)

/** Where an archive is put and got. The same address for both, so that clients may use either. */
export function sourceUrl(origin: string, id: string, token?: string): string {
  return `${origin}/sources/${id}/blob${token === undefined ? '' : `?token=${token}`}`
}

/** Which source of ours an address speaks of, and with which token; null for other people's addresses. */
export function ownSource(url: string): { id: string; token: string } | null {
  if (!URL.canParse(url)) return null
  const { pathname, searchParams } = new URL(url)
  const id = /^\/sources\/([^/]+)\/blob$/.exec(pathname)?.[1]
  const token = searchParams.get('token')
  return id && isUuid(id) && token ? { id, token } : null
}

/** More was sent than is taken in. */
export class SourceTooLarge extends Error {
  constructor() {
    super(`A source archive may have at most ${sourceBytesMax / 1024 / 1024} MB.`)
  }
}

/**
 * Keeps a stream as a file. The name appears only when every byte is on the disk, so a crash leaves no half archive.
 * @returns how many bytes
 * @throws SourceTooLarge past `bytesMax`; nothing is kept then
 */
export async function keepStream(stream: Readable, file: string, bytesMax = sourceBytesMax): Promise<number> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  let bytes = 0
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(bytes > bytesMax ? new SourceTooLarge() : null, chunk)
    },
  })
  try {
    await pipeline(stream, limit, createWriteStream(draft, { flags: 'wx', mode: 0o600 }))
    await syncFile(draft)
    await rename(draft, file)
    await syncFile(path.dirname(file))
  } finally {
    await rm(draft, { force: true })
  }
  return bytes
}

/** Waits until a file's bytes, or a folder's names, are on the disk. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
