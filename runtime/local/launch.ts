import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Dyno, ReleaseSpec, TerminalSize } from '../driver.js'
import type { LogSink } from '../logs/logs.js'
import { splitLines } from '../logs/split.js'
import { type Account, makePassage } from '../process/account.js'
import { bash, type Group, type GroupOptions, startGroup } from '../process/group.js'
import type { Keeper } from '../process/keeper.js'
import { canHaveTerminal, startTerminalGroup, type TerminalGroup } from '../process/terminal.js'

/** What every local dyno shares. */
export interface Surroundings {
  dir: string
  account?: Account | null
  logs: LogSink
  path: string
  keeper: Keeper
  ids(): string
  now(): Date
  changed(dyno: Dyno): void
  healthMs: number
  aliveMs: number
  termMs: number
  steadyMs: number
  restartFirstMs: number
  restartMaxMs: number
}

// As on Heroku: the buildpack's profile scripts set the environment, then the command runs in the app's folder. The command
// is an argument, never part of this text. The inner shell becomes a simple command itself, so signals arrive there.
const start = 'for file in .profile.d/*.sh; do [ -r "$file" ] && . "./$file"; done; exec "$0" -c "$1"'

/**
 * Unpacks the slug into `folder`, a fresh one for this process alone as Heroku's ephemeral filesystem is, and starts the
 * command there. The environment is built from nothing: PATH, HOME, DYNO, `env`, and the release's config. A customer
 * may set PATH; HOME, DYNO and PORT are ours.
 */
export async function launch(
  around: Surroundings,
  spec: ReleaseSpec,
  {
    folder,
    command,
    name,
    env,
    stdin,
    terminal,
  }: {
    folder: string
    command: string
    name: string
    env: Record<string, string>
    stdin?: boolean
    terminal?: TerminalSize
  },
): Promise<Group & Partial<TerminalGroup>> {
  await unpackSlug(spec.slug.file, folder, around.account)
  const home = spec.slug.folder ? path.join(folder, spec.slug.folder) : folder
  const group: GroupOptions = {
    command: [bash, '-c', start, bash, command],
    cwd: home,
    env: { PATH: around.path, ...spec.config, ...env, HOME: home, DYNO: name },
    account: around.account,
    stdin,
    keeper: around.keeper,
  }
  return terminal && canHaveTerminal(around.account) ? startTerminalGroup(group, terminal) : startGroup(group)
}

/** Unpacked by the account itself: no link in a slug can make us write where it may not. */
async function unpackSlug(file: string, folder: string, account?: Account | null): Promise<void> {
  await makePassage(path.dirname(folder))
  await fs.promises.rm(folder, { recursive: true, force: true })
  await fs.promises.mkdir(folder, { mode: 0o700 })
  if (account) await fs.promises.chown(folder, account.uid, account.gid)
  const tar = spawn('tar', ['-xzf', '-', '--no-same-owner'], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  })
  let complaint = ''
  tar.stderr.on('data', (chunk) => (complaint = (complaint + chunk).slice(0, 500)))
  const done = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject)
    tar.once('close', resolve)
  })
  // A slug that can't be read must end tar as well, or it would wait for more.
  const fed = pipeline(fs.createReadStream(file), tar.stdin).catch((error) => error as Error)
  const [code, failure] = await Promise.all([done, fed])
  if (code !== 0)
    throw new Error(
      `The slug could not be unpacked: ${complaint.trim() || failure?.message || `tar ended with ${code}`}`,
    )
  if (failure && (failure as NodeJS.ErrnoException).code === 'ENOENT')
    throw new Error('The slug is not there any more.')
}

/** Writes what a process prints to the app's log, line by line. */
export function logOutput(group: Group, logs: LogSink, appId: string, dyno: string): void {
  for (const stream of [group.stdout, group.stderr]) {
    const lines = splitLines((text) => logs.write(appId, { source: 'app', dyno, text }))
    stream.on('data', lines.write)
    stream.on('error', () => undefined)
    stream.once('close', lines.end)
  }
}
