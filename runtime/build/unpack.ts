import { createReadStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { extract, Parser, type ReadEntry } from 'tar'

export const sourceBytesMax = 512 * 1024 * 1024
export const unpackedBytesMax = 2 * 1024 * 1024 * 1024
export const entriesMax = 200_000

export interface UnpackLimits {
  sourceBytes?: number
  unpackedBytes?: number
  entries?: number
}

/** The archive is not one that we unpack; the message is for the person who sent it. */
export class SourceRefused extends Error {}

/**
 * Unpacks a source archive (.tar or .tgz) into an empty folder. Reads it twice: everything in it is judged before
 * anything is written, so a refused archive leaves nothing behind.
 * @throws SourceRefused for what is no archive, too big, or would reach outside of the folder
 */
export async function unpackSource(file: string, into: string, limits: UnpackLimits = {}): Promise<void> {
  const { sourceBytes = sourceBytesMax, unpackedBytes = unpackedBytesMax, entries: entriesLimit = entriesMax } = limits
  const { size } = await fs.stat(file)
  if (size > sourceBytes)
    throw new SourceRefused(`The source archive is ${megabytes(size)}; the limit is ${megabytes(sourceBytes)}.`)
  if (size === 0) throw new SourceRefused('The source archive is empty.')

  const judge = new Judge(unpackedBytes, entriesLimit)
  await judgeAll(file, judge)
  if (judge.refused) throw judge.refused
  if (!judge.files) throw new SourceRefused('The source archive holds no files.')
  const strip = judge.hasWrapping() ? 1 : 0
  await extract({ file, cwd: into, strip, preserveOwner: false, noMtime: true, strict: true }).catch((error: Error) => {
    throw new SourceRefused(`The source archive can't be unpacked: ${error.message}`)
  })
  await mustStayInside(into, judge.links, strip)
}

/** Reads until the first objection and no further: a small file can unpack to more than any disk holds. */
async function judgeAll(file: string, judge: Judge): Promise<void> {
  let failure: Error | undefined
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      judge.see(entry)
      entry.resume()
    },
  })
  parser.on('error', (error: Error) => {
    failure ??= error
  })
  const ended = new Promise<void>((resolve) => parser.on('end', resolve).on('error', () => resolve()))
  for await (const chunk of createReadStream(file)) {
    parser.write(chunk)
    if (judge.refused || failure) break
  }
  if (!judge.refused && !failure) {
    parser.end()
    await ended
  }
  if (failure && !judge.refused) throw new SourceRefused(`The source archive can't be read: ${failure.message}`)
}

/** Looks at every entry of the archive, in order. */
class Judge {
  refused: SourceRefused | undefined
  links: string[] = []
  files = 0
  private bytes = 0
  private entries = 0
  private top = new Set<string>()
  private topFiles = false
  private inTop = new Set<string>()
  private isGitArchive = false
  private symlinks = new Set<string>()
  private unpackedBytes: number
  private entriesLimit: number

  constructor(unpackedBytes: number, entriesLimit: number) {
    this.unpackedBytes = unpackedBytes
    this.entriesLimit = entriesLimit
  }

  see(entry: ReadEntry): void {
    if (this.refused) return
    const why = this.objection(entry)
    if (why) this.refused = new SourceRefused(why)
  }

  /**
   * Whether all lies in one folder that is wrapping, not part of the app. GitHub's archives (and git's with a prefix) are
   * so and carry the commit in their global header. Without it, one folder is wrapping only if the app visibly begins in it.
   */
  hasWrapping(): boolean {
    if (this.top.size !== 1 || this.topFiles) return false
    return this.isGitArchive || this.inTop.has('Procfile') || this.inTop.has('package.json')
  }

  private objection(entry: ReadEntry): string | undefined {
    const name = printable(entry.path)
    this.entries++
    this.bytes += entry.size
    if (this.entries > this.entriesLimit) return `The source archive holds more than ${this.entriesLimit} entries.`
    if (this.bytes > this.unpackedBytes)
      return `The source archive unpacks to more than ${megabytes(this.unpackedBytes)}.`
    if (entry.globalExtended?.comment) this.isGitArchive = true
    if (entry.path.includes('\0') || entry.path.includes('\\'))
      return `The source archive holds a name that can't be used: ${name}`
    if (!isInside(entry.path)) return `The source archive would write outside of the app's folder: ${name}`
    const parts = partsOf(entry.path)
    // Through a link an entry could reach another place than its name says.
    for (let length = 1; length < parts.length; length++) {
      if (this.symlinks.has(parts.slice(0, length).join('/')))
        return `The source archive would write through a link: ${name}`
    }
    const isFolder = entry.type === 'Directory' || entry.type === 'GNUDumpDir'
    switch (entry.type) {
      case 'Directory':
        break
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        this.files++
        break
      case 'SymbolicLink': {
        const target = entry.linkpath ?? ''
        if (path.posix.isAbsolute(target) || !isInside(path.posix.join(path.posix.dirname(entry.path), target))) {
          return `The source archive holds a link that leaves the app's folder: ${name}`
        }
        this.symlinks.add(parts.join('/'))
        this.links.push(parts.join('/'))
        break
      }
      case 'Link':
        if (!isInside(entry.linkpath ?? '/'))
          return `The source archive holds a link that leaves the app's folder: ${name}`
        if (this.symlinks.has(partsOf(entry.linkpath ?? '').join('/')))
          return `The source archive holds a link to a link: ${name}`
        break
      default:
        return `The source archive holds something that is neither file, folder nor link: ${name} (${entry.type})`
    }
    if (parts[0]) this.top.add(parts[0])
    if (parts.length === 1 && !isFolder) this.topFiles = true
    if (parts.length === 2 && parts[1] && !isFolder) this.inTop.add(parts[1])
  }
}

const partsOf = (name: string) =>
  path.posix
    .normalize(name)
    .split('/')
    .filter((part) => part && part !== '.')

function isInside(name: string): boolean {
  if (path.posix.isAbsolute(name)) return false
  const normal = path.posix.normalize(name)
  return normal !== '..' && !normal.startsWith('../')
}

/** A chain of links, each of which looks harmless, may still lead out: where they really point is asked once all lie there. */
async function mustStayInside(into: string, links: string[], strip: number): Promise<void> {
  const root = await fs.realpath(into)
  for (const link of links) {
    const file = path.join(root, ...link.split('/').slice(strip))
    const real = await fs.realpath(file).catch(() => undefined)
    if (real && real !== root && !real.startsWith(root + path.sep)) {
      throw new SourceRefused(`The source archive holds a link that leaves the app's folder: ${printable(link)}`)
    }
  }
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MB`

// Names come from strangers and are shown on terminals.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const printable = (name: string) => name.replace(/[\x00-\x1f\x7f-\x9f]/g, '?').slice(0, 200)
