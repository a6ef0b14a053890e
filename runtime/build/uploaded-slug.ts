import { createReadStream } from 'node:fs'
import { Parser } from 'tar'
import { SourceRefused } from './unpack.js'

const entriesMax = 500_000
/** Unpacked anew for each dyno, by the dyno's own account. */
const unpackedBytesMax = 2 * 1024 * 1024 * 1024

/**
 * Where in a slug that was built elsewhere the app lies: Heroku's have all of it below `./app`.
 * @returns `app`, or null when the app is at the top
 * @throws SourceRefused for what is no .tgz, holds nothing, or unpacks to too much
 */
export async function slugFolder(file: string): Promise<string | null> {
  let failure: string | undefined
  let entries = 0
  let bytes = 0
  let files = 0
  let isBelowApp = true
  const parser = new Parser({
    strict: true,
    gzip: true,
    onReadEntry(entry) {
      entries++
      bytes += entry.size
      const parts = entry.path.split('/').filter((part) => part !== '' && part !== '.')
      if (parts.includes('..') || entry.path.startsWith('/')) failure ??= 'The slug holds a name outside of its folder.'
      if (parts.length > 0 && parts[0] !== 'app') isBelowApp = false
      if (entry.type !== 'Directory') files++
      if (parts.length === 1 && entry.type !== 'Directory') isBelowApp = false
      if (entries > entriesMax) failure ??= `The slug holds more than ${entriesMax} entries.`
      if (bytes > unpackedBytesMax) failure ??= `The slug unpacks to more than ${unpackedBytesMax / 1024 ** 3} GB.`
      entry.resume()
    },
  })
  parser.on('error', (error: Error) => {
    failure ??= `The slug can't be read as a .tgz: ${error.message}`
  })
  const ended = new Promise<void>((resolve) => parser.on('end', resolve).on('error', () => resolve()))
  for await (const chunk of createReadStream(file)) {
    parser.write(chunk)
    if (failure) break
  }
  if (!failure) {
    parser.end()
    await ended
  }
  if (failure) throw new SourceRefused(failure)
  if (files === 0) throw new SourceRefused('The slug holds no files.')
  return isBelowApp ? 'app' : null
}
