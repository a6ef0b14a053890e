import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
/** So many migrations are new to the older version at most. */
const migrationsSinceMost = 6

/** @throws with git's own words */
export function git(cwd: string, ...args: string[]): string {
  // The checkout may belong to somebody else than whoever runs the tests.
  const ran = spawnSync('git', ['-c', 'safe.directory=*', ...args], { cwd, encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr || ran.error}`)
  return ran.stdout.trim()
}

export interface OlderVersion {
  commit: string
  newest: string
}

/**
 * The version from before the newest migrations, or MORTISE_UPGRADE_FROM. A migration that was changed before anything was
 * released makes versions between which there is no way: those are passed over.
 * @returns null and why, where this checkout has no history: of an archive, or a shallow clone
 */
export function olderVersion(): { found: OlderVersion | null; why: string } {
  try {
    if (git(root, 'rev-parse', '--is-shallow-repository') === 'true') throw new Error('the clone is shallow')
    const files = 'platform/db/migrations/*.sql'
    const added = git(root, 'log', '--format=%H', '--diff-filter=A', '--', files).split('\n')
    const isOneWay = (commit: string) =>
      git(root, 'diff', '--name-only', '--diff-filter=MD', commit, 'HEAD', '--', files) === ''
    const candidates = added.slice(0, migrationsSinceMost).map((commit) => `${commit}~1`)
    const from = process.env['MORTISE_UPGRADE_FROM'] ?? candidates.reverse().find(isOneWay)
    if (!from) throw new Error('the newest migration was changed after it had been committed')
    const commit = git(root, 'rev-parse', '--verify', `${from}^{commit}`)
    return { found: { commit, newest: git(root, 'rev-parse', 'HEAD') }, why: '' }
  } catch (error) {
    return { found: null, why: (error as Error).message }
  }
}

/**
 * A checkout of the older version, as somebody had it who cloned then and pulls now. Its `npm install` has been done: what
 * is installed is lent from here.
 */
export function checkOut({ commit, newest }: OlderVersion, into: string): void {
  const origin = `${into}.git`
  git(root, 'clone', '--quiet', '--bare', '--shared', root, origin)
  git(origin, 'update-ref', 'refs/heads/released', newest)
  git(origin, 'symbolic-ref', 'HEAD', 'refs/heads/released')
  git(root, 'clone', '--quiet', origin, into)
  git(into, 'reset', '--quiet', '--hard', commit)
  const modules = path.join(into, 'node_modules')
  fs.mkdirSync(path.join(modules, '@mortise'), { recursive: true })
  for (const name of fs.readdirSync(path.join(root, 'node_modules'))) {
    if (name === '@mortise' || name === '.mortise-build.lock') continue
    fs.symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  }
  // Our own packages are the older checkout's.
  const ours = path.join(root, 'node_modules/@mortise')
  for (const name of fs.readdirSync(ours))
    fs.symlinkSync(fs.readlinkSync(path.join(ours, name)), path.join(modules, '@mortise', name))
}
