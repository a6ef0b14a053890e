import { createHash, type Hash } from 'node:crypto'
import fs from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { BrokenArchive, type TarEntry, tarEnd, tarEntries, tarHeader, tarPadding } from './tar.js'

/** Raised when a backup could not be read by an older Mortise. */
export const backupFormat = 1

/** The first file of a backup: what it is, and what must be there before it can be put back. */
export interface BackupHead {
  format: number
  madeAt: string
  /** The Mortise that made it. */
  version: string
  /** Migrations that its tables are made of. */
  migrations: { number: number; name: string; digest: string }[]
  tables: { name: string; columns: string[] }[]
  hasFiles: boolean
  hasKey: boolean
}

export interface Sum {
  bytes: number
  sha256: string
}

/** The last file: without it the archive was cut short. */
export interface BackupSums {
  head: Sum
  tables: Record<string, Sum & { rows: number }>
  files: Record<string, Sum>
}

export const headName = 'mortise-backup.json'
export const sumsName = 'sums.json'
export const keyName = 'master.key'
/** Tables go in parts, since a tar wants each file's size before its content, and nothing is whole in memory. */
export const partName = (table: number, part: number): string =>
  `tables/${String(table).padStart(3, '0')}/${String(part).padStart(7, '0')}.copy`
const partPattern = /^tables\/(\d{3})\/\d{7}\.copy$/
const filePattern = /^files\/(slugs|sources)\/([0-9a-f-]{36})\.tgz$/

/** What an entry of the archive is by its name. @throws BrokenArchive for a name that no backup of ours has */
export function kindOf(
  name: string,
):
  | { kind: 'head' | 'sums' | 'key' }
  | { kind: 'table'; number: number }
  | { kind: 'file'; folder: string; file: string } {
  if (name === headName) return { kind: 'head' }
  if (name === sumsName) return { kind: 'sums' }
  if (name === keyName) return { kind: 'key' }
  const table = partPattern.exec(name)
  if (table) return { kind: 'table', number: Number(table[1]) }
  const file = filePattern.exec(name)
  if (file) return { kind: 'file', folder: file[1] ?? '', file: `${file[2]}.tgz` }
  throw new BrokenArchive(`it holds ${JSON.stringify(name.slice(0, 100))}, which is no part of a backup`)
}

/** Counts what passes. */
export class Summing {
  private readonly hash: Hash = createHash('sha256')
  private bytes = 0
  rows = 0

  add(part: Buffer): void {
    this.hash.update(part)
    this.bytes += part.length
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) this.rows++
  }

  sum(): Sum {
    return { bytes: this.bytes, sha256: this.hash.digest('hex') }
  }
}

/** A file of the archive: its size first, then exactly so many bytes. */
export async function* tarFile(
  name: string,
  size: number,
  at: Date,
  content: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield tarHeader(name, size, at)
  let left = size
  for await (const part of content) {
    left -= part.length
    if (left < 0) break
    yield part
  }
  if (left !== 0) throw new Error(`${name} changed while it was read`)
  yield tarPadding(size)
}

/** Writes the whole archive beside its place, and moves it there when it is on disk: whole or not at all. Mode 0600. */
export async function writeArchive(file: string, parts: AsyncIterable<Buffer>): Promise<void> {
  const half = `${file}.half`
  fs.rmSync(half, { force: true })
  try {
    async function* all(): AsyncGenerator<Buffer> {
      yield* parts
      yield tarEnd()
    }
    await pipeline(all(), createGzip({ level: 6 }), fs.createWriteStream(half, { mode: 0o600, flags: 'wx' }))
    const handle = await open(half, 'r')
    await handle.sync()
    await handle.close()
    fs.renameSync(half, file)
  } catch (error) {
    fs.rmSync(half, { force: true })
    throw error
  }
}

/** The archive's files in order. @throws BrokenArchive */
export function readArchive(file: string): AsyncGenerator<TarEntry> {
  return tarEntries(unpacked(file))
}

async function* unpacked(file: string): AsyncGenerator<Buffer> {
  const raw = fs.createReadStream(file)
  const gunzip = createGunzip()
  // One end for both: a file that can't be read, and one that is no gzip.
  raw.on('error', (error) => gunzip.destroy(error))
  raw.pipe(gunzip)
  try {
    yield* gunzip as AsyncIterable<Buffer>
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string }
    if (/^Z_/.test(code)) throw new BrokenArchive(message)
    throw error
  } finally {
    raw.destroy()
    gunzip.destroy()
  }
}

/** A small file of the archive, as JSON. */
export async function readJson<T>(entry: TarEntry): Promise<{ value: T; sum: Sum }> {
  const most = 16 * 1024 * 1024
  if (entry.size > most) throw new BrokenArchive(`${entry.name} is larger than it can be`)
  const parts: Buffer[] = []
  const summing = new Summing()
  for await (const part of entry.read()) {
    parts.push(part)
    summing.add(part)
  }
  try {
    return { value: JSON.parse(Buffer.concat(parts).toString('utf8')), sum: summing.sum() }
  } catch {
    throw new BrokenArchive(`${entry.name} is not readable`)
  }
}
