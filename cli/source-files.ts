import { execFile } from 'node:child_process'
import { lstat, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Ignore, readIgnore } from './ignore.js'

const run = promisify(execFile)

/** Never part of a source: made again by the build, or no source at all. */
const neverSent = new Set(['node_modules', '.git'])

export interface Source {
  /** Paths relative to the folder, with `/` between, sorted. */
  files: string[]
  /** The commit that is checked out, when it is a git checkout; `-dirty` when the folder differs from it. */
  commit?: string
}

/** The files of a folder that a deploy sends: what git would, or all that .gitignore does not leave out. */
export async function sourceFiles(dir: string): Promise<Source> {
  const listed = await gitFiles(dir)
  if (!listed) return { files: (await walk(dir, '', [])).sort() }
  const files: string[] = []
  for (const file of listed.files) {
    if (!file.split('/').some((part) => neverSent.has(part)) && (await isThere(path.join(dir, file)))) files.push(file)
  }
  return { files: files.sort(), commit: listed.commit }
}

// Deleted files stay in git's list until they are committed, and a submodule is listed as one entry.
async function isThere(file: string): Promise<boolean> {
  try {
    return !(await lstat(file)).isDirectory()
  } catch {
    return false
  }
}

async function gitFiles(dir: string): Promise<Source | undefined> {
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: dir, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })).stdout
  try {
    const listed = await git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
    const files = [...new Set(listed.split('\0').filter(Boolean))]
    // A folder that its repository ignores has no files for git, yet somebody asks to deploy it.
    if (files.length === 0) return undefined
    const commit = await git('rev-parse', '--short=12', 'HEAD').catch(() => '')
    // What is sent is the folder as it lies there, so its name must not claim to be the commit when it is not.
    const isChanged = commit !== '' && (await git('status', '--porcelain', '--', '.')) !== ''
    if (commit) return { files, commit: `${commit.trim()}${isChanged ? '-dirty' : ''}` }
    return { files }
  } catch {
    // No git, no checkout, or one that git won't touch for this user: the folder itself is the source.
    return undefined
  }
}

async function walk(root: string, below: string, outer: { at: string; ignore: Ignore }[]): Promise<string[]> {
  const here = path.join(root, below)
  const own = await readFile(path.join(here, '.gitignore'), 'utf8').catch(() => '')
  const ignores = own ? [...outer, { at: below, ignore: readIgnore(own) }] : outer
  const files: string[] = []
  for (const entry of await readdir(here, { withFileTypes: true })) {
    if (neverSent.has(entry.name)) continue
    const file = below ? `${below}/${entry.name}` : entry.name
    if (isIgnored(file, entry.isDirectory(), ignores)) continue
    if (entry.isDirectory()) files.push(...(await walk(root, file, ignores)))
    else if (entry.isFile() || entry.isSymbolicLink()) files.push(file)
  }
  return files
}

/** The innermost .gitignore that speaks of the file decides. */
function isIgnored(file: string, isFolder: boolean, ignores: readonly { at: string; ignore: Ignore }[]): boolean {
  for (let i = ignores.length - 1; i >= 0; i--) {
    const { at, ignore } = ignores[i]!
    const said = ignore(at ? file.slice(at.length + 1) : file, isFolder)
    if (said !== undefined) return said
  }
  return false
}
