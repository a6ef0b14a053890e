import fs from 'node:fs'
import path from 'node:path'
import { splitLines } from '../logs/split.js'
import type { Account } from '../process/account.js'
import { bash, type Group, startGroup } from '../process/group.js'
import type { Keeper } from '../process/keeper.js'

/** A build that fails for a reason its owner should read. */
export class BuildFailed extends Error {}

/** What a build may print; the rest is dropped with a word about it. */
export const outputBytesMax = 10 * 1024 * 1024
/** Largest single file that a build may write. */
const fileBytesMax = 2 * 1024 * 1024 * 1024

export interface StepSurroundings {
  env: Record<string, string> & { HOME: string }
  cwd: string
  account?: Account | null
  keeper: Keeper
  signal: AbortSignal
  onOutput(text: string): void
}

// Applied in the shell that becomes the step: no core files, no file beyond the limit (ulimit counts 1,024 bytes each).
const limited = `ulimit -c 0; ulimit -f ${fileBytesMax / 1024}; exec "$@"`

/** Starts one step of a build in a process group of its own, which ends when the build's signal says so. */
export async function startStep(around: StepSurroundings, command: [string, ...string[]]): Promise<Group> {
  around.signal.throwIfAborted()
  const { env, cwd, account, keeper } = around
  const group = await startGroup({ command: [bash, '-c', limited, 'step', ...command], env, cwd, account, keeper })
  const stop = () => group.end(1_000)
  around.signal.addEventListener('abort', stop, { once: true })
  group.exited.then(() => around.signal.removeEventListener('abort', stop))
  return group
}

/**
 * Runs a buildpack's script to its end; what it leaves running is killed. Its stderr, and its stdout if `isShown`, is the
 * build's output.
 * @returns exit status (null after a signal) and the first 64 KiB of its stdout
 * @throws the abort's reason when the build was stopped meanwhile
 */
export async function runStep(
  around: StepSurroundings,
  command: [string, ...string[]],
  isShown: boolean,
): Promise<{ code: number | null; stdout: string }> {
  const group = await startStep(around, command)
  let stdout = ''
  group.stdout.on('data', (chunk: Buffer) => {
    if (stdout.length < 65_536) stdout += chunk
  })
  for (const stream of isShown ? [group.stdout, group.stderr] : [group.stderr]) {
    const lines = splitLines((line) => around.onOutput(`${line}\n`))
    stream.on('data', lines.write)
    stream.once('close', lines.end)
  }
  const { code } = await group.exited
  await group.end(0)
  await group.closed
  around.signal.throwIfAborted()
  return { code, stdout }
}

/** Passes output on until the limit, then says once that the rest is missing. */
export function boundedOutput(onOutput: (text: string) => void, bytesMax = outputBytesMax): (text: string) => void {
  let bytes = 0
  return (text) => {
    if (bytes > bytesMax) return
    bytes += Buffer.byteLength(text)
    onOutput(bytes > bytesMax ? ' !     The output is too long; the rest is not shown.\n' : text)
  }
}

/** Reads a small text file of an untrusted folder: no link is followed, nothing but a plain file is opened for reading. */
export async function readPlainFile(dir: string, name: string, bytesMax = 65_536): Promise<string | undefined> {
  const flags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK
  const file = await fs.promises.open(path.join(dir, name), flags).catch(() => undefined)
  if (!file) return
  try {
    const stat = await file.stat()
    if (!stat.isFile()) return
    if (stat.size > bytesMax) throw new BuildFailed(`${name} is larger than ${bytesMax / 1024} KiB.`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
