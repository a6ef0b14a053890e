// A tar as every tool reads it (ustar), written and read as a stream: nothing is ever whole in memory, and the archive
// can be looked into by hand. Source: POSIX.1-2017, pax, "ustar Interchange Format".

const blockBytes = 512
const nameBytesMax = 100
/** The field for a size has eleven octal digits. */
const sizeMax = 8 ** 11 - 1

/** A regular file's header. @throws when name or size do not fit, which is a bug in the caller */
export function tarHeader(name: string, size: number, mtime: Date): Buffer {
  if (Buffer.byteLength(name) > nameBytesMax || size > sizeMax) throw new Error(`${name} does not fit into a tar`)
  const block = Buffer.alloc(blockBytes)
  block.write(name, 0, 'utf8')
  block.write('0000600\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write(
    `${Math.floor(mtime.getTime() / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** What fills the last block of a file. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes)
/** Two empty blocks end the archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockBytes)

/** The archive is broken, cut short, or none of ours. */
export class BrokenArchive extends Error {}

export interface TarEntry {
  name: string
  size: number
  /** Its bytes, once, before the next entry is asked for; what is left unread is passed over. */
  read(): AsyncGenerator<Buffer>
}

/** The files of an archive in order. @throws BrokenArchive */
export async function* tarEntries(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = chunks[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)

  async function* take(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0; ) {
      if (held.length === 0) {
        const next = await source.next()
        if (next.done) throw new BrokenArchive('it ends in the middle')
        held = next.value
      }
      const part = held.subarray(0, left)
      held = held.subarray(part.length)
      left -= part.length
      if (part.length) yield part
    }
  }

  async function block(): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of take(blockBytes)) parts.push(part)
    return Buffer.concat(parts)
  }

  for (;;) {
    const header = await block()
    if (header.every((byte) => byte === 0)) break
    const { name, size } = readHeader(header)
    let left = size
    async function* read(): AsyncGenerator<Buffer> {
      for await (const part of take(size)) {
        left -= part.length
        yield part
      }
    }
    let reading: AsyncGenerator<Buffer> | undefined
    yield {
      name,
      size,
      read() {
        reading ??= read()
        return reading
      },
    }
    // A reader that stopped early has taken whole parts, so `left` is exact.
    for await (const _ of take(left + tarPadding(size).length)) continue
  }
  // To the very end, where gzip keeps its own sum.
  for (let rest = await source.next(); !rest.done; ) rest = await source.next()
}

function readHeader(block: Buffer): { name: string; size: number } {
  const octal = (from: number, to: number) => Number.parseInt(block.toString('latin1', from, to), 8)
  const copy = Buffer.from(block)
  copy.fill(' ', 148, 156)
  if (octal(148, 154) !== sumOf(copy)) throw new BrokenArchive('a header does not match its sum')
  const name = block.toString('utf8', 0, nameBytesMax).split('\0')[0] ?? ''
  const size = octal(124, 135)
  const kind = block.toString('latin1', 156, 157)
  if (kind !== '0' || !Number.isSafeInteger(size)) throw new BrokenArchive(`${name} is no plain file`)
  return { name, size }
}

/** Counted as if the sum's own field held blanks. */
function sumOf(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)
}
