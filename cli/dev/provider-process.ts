import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Failure } from '../failure.js'

export interface ProviderProcess {
  /** Fails when it ends by itself; else it never settles. */
  ended: Promise<never>
  isOver(): boolean
  close(): Promise<void>
}

/** How long a program may take until it listens. */
const readyMs = 60_000

/** Runs a provider in a group of its own, so that what `npm start` started ends with it. @param show told of each line */
export function startProvider(
  [program = '', ...args]: readonly string[],
  env: Record<string, string | undefined>,
  show: (line: string) => void,
): ProviderProcess {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => text.split('\n').filter(Boolean).forEach(show))
  }
  let isClosing = false
  let isOver = false
  const over = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', (code, signal) => done(`it ended with ${code ?? signal}`))
  })
  const ended = over.then((why) => {
    isOver = true
    if (isClosing) return new Promise<never>(() => undefined)
    throw new Failure(`Your provider does not run: ${why}.`)
  })
  // Whoever waits for it hears of it; nobody may be waiting at that moment.
  ended.catch(() => undefined)
  return {
    ended,
    isOver: () => isOver,
    async close() {
      isClosing = true
      if (child.pid && child.exitCode === null && child.signalCode === null) endGroup(child.pid)
      await over
    },
  }
}

/** Waits until something listens. @throws Failure at once when there is nothing that could begin to */
export async function reached(origin: string, starting: ProviderProcess | null): Promise<void> {
  const until = Date.now() + (starting ? readyMs : 0)
  while (!(await answers(origin))) {
    if (Date.now() >= until || starting?.isOver()) {
      throw new Failure(`Nothing listens at ${origin}.`, {
        next: 'Start your provider first, or let it be started: mortise provider dev -- npm start',
      })
    }
    await new Promise((done) => setTimeout(done, 100))
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
  } catch (error) {
    // It ended in this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function answers(origin: string): Promise<boolean> {
  const { hostname, port } = new URL(origin)
  return new Promise((done) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) })
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}
