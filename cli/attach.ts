import { attachPath, type FromClient, type FromServer, secretIn } from '@mortise/contract/platform-api/attach'
import { Failure } from './failure.js'
import { openWebSocket, type WebSocketClient } from './web-socket.js'

/** What a person or a script sits at: the three streams and whether they are one terminal. */
export interface Seat {
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
}

export const isTerminal = ({ stdin, stdout }: Seat) => Boolean(stdin.isTTY && stdout.isTTY)

/** What the dyno should know of this terminal. */
export function terminalEnv({ stdout }: Seat, env: Record<string, string | undefined>) {
  return { TERM: env['TERM'] ?? 'xterm', COLUMNS: stdout.columns, LINES: stdout.rows }
}

/**
 * Joins this terminal to an attached one-off until that ends.
 * @returns the status as a shell tells it: 128 and the signal's number after a signal
 * @throws Failure when the connection ends before the process does
 */
export async function converse(host: string, attachUrl: string | null, seat: Seat, raw: boolean): Promise<number> {
  const secret = secretIn(attachUrl)
  if (!secret) throw new Failure('The server gave no address to attach to.')
  const { stdin, stdout } = seat
  let exit: FromServer['exit'] | undefined
  let client: WebSocketClient
  const closed = new Promise<void>((resolve, reject) => {
    openWebSocket(`${host}${attachPath(secret)}`, {
      onText(text) {
        exit = (JSON.parse(text) as Partial<FromServer>).exit ?? exit
      },
      onBytes(bytes) {
        if (stdout.write(bytes)) return
        client.pause()
        stdout.once('drain', () => client.resume())
      },
      onClose: resolve,
    }).then((opened) => {
      client = opened
      listen(opened)
    }, reject)
  })
  const tell = (to: WebSocketClient, message: FromClient) => to.send(JSON.stringify(message))
  const onResize = () => tell(client, { resize: { columns: stdout.columns, rows: stdout.rows } })
  const onData = (chunk: Buffer) => client.send(chunk)
  const onEnd = () => tell(client, { end: true })

  function listen(_: WebSocketClient): void {
    if (raw) {
      stdin.setRawMode(true)
      stdout.on('resize', onResize)
    }
    stdin.on('data', onData)
    stdin.once('end', onEnd)
    stdin.resume()
  }

  try {
    await closed
  } finally {
    if (raw) {
      stdin.setRawMode(false)
      stdout.off('resize', onResize)
    }
    stdin.off('data', onData)
    stdin.off('end', onEnd)
    stdin.pause()
    // A terminal or a pipe that stays open must not keep us.
    stdin.unref?.()
  }
  if (!exit) throw new Failure('The connection was cut, so the dyno was stopped.', { next: 'Run it again.' })
  return exit.code ?? 128 + signalNumber(exit.signal)
}

// The shell's numbers; the same on Linux and macOS for these.
const signalNumbers: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
}
const signalNumber = (name: string | null) => signalNumbers[name ?? ''] ?? 0
