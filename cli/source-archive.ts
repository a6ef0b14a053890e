import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { create } from 'tar'
import { Failure, wrongUsage } from './failure.js'
import { sourceFiles } from './source-files.js'

export interface SourceArchive {
  /** A .tgz in a folder of its own. */
  file: string
  sizeBytes: number
  fileCount: number
  /** `SHA256:` and hex digits, as a build's `source_blob.checksum` wants it. */
  checksum: string
  commit?: string
}

/**
 * Packs a folder's sources, hands the archive to `use` and removes it afterwards.
 * @throws Failure when the folder is none, or has nothing to send
 */
export async function withSourceArchive<T>(dir: string, use: (archive: SourceArchive) => Promise<T>): Promise<T> {
  const root = path.resolve(dir)
  if (!(await isFolder(root))) throw wrongUsage(`${dir} is no folder.`)
  const { files, commit } = await sourceFiles(root)
  if (files.length === 0) throw new Failure(`There is nothing to deploy in ${root}.`)
  const scratch = await mkdtemp(path.join(tmpdir(), 'mortise-source-'))
  try {
    const file = path.join(scratch, 'source.tgz')
    // `portable` leaves out owners and machine; "./" keeps a name that starts with @ from meaning an archive.
    const names = files.map((name) => `./${name}`)
    await create({ gzip: true, file, cwd: root, portable: true, noDirRecurse: true }, names)
    const { size } = await stat(file)
    return await use({ file, sizeBytes: size, fileCount: files.length, checksum: await checksumOf(file), commit })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function isFolder(dir: string): Promise<boolean> {
  return await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function checksumOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return `SHA256:${hash.digest('hex')}`
}
