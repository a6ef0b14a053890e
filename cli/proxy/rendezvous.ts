import type { TLSSocket } from 'node:tls'
import { attachPath, type FromClient } from '@mortise/contract/platform-api/attach'
import { openWebSocket, type WebSocketClient } from '../web-socket.js'

const greetMsMax = 10_000
const greetBytesMax = 1024
const eot = 0x04
/** The field's CLI writes EOT once it is greeted, and dies of the write when the door is closed by then. */
const openMsMin = 1000
/** One-offs that were asked for and not yet attached to. */
const expectedMax = 1000

/** Where clients attach to one-offs, in the field's way. */
export interface RendezvousDoor {
  /** Someone will come with this secret. */
  expect(secret: string, terminal: boolean): void
  take(socket: TLSSocket): void
}

/**
 * Heroku's rendezvous on this side (see contract/platform-api/attach.ts), a WebSocket to the installation on the other:
 * that one goes to the API's own address, so it passes whatever stands before the installation.
 */
export function rendezvousDoor(remote: string): RendezvousDoor {
  const terminals = new Map<string, boolean>()
  return {
    expect(secret, terminal) {
      if (terminals.size >= expectedMax) terminals.clear()
      terminals.set(secret, terminal)
    },
    take(socket) {
      let heard = Buffer.alloc(0)
      socket.on('error', () => socket.destroy())
      socket.setTimeout(greetMsMax, () => socket.destroy())
      const greet = (chunk: Buffer) => {
        heard = Buffer.concat([heard, chunk])
        const end = heard.indexOf('\n')
        if (end < 0) return void (heard.length > greetBytesMax && socket.destroy())
        socket.off('data', greet)
        socket.pause()
        socket.setTimeout(0)
        const secret = heard.subarray(0, end).toString().trim()
        // Nobody asked through us: then it is not known, and a terminal sees the character as it is.
        const terminal = terminals.get(secret) ?? true
        terminals.delete(secret)
        join(remote, secret, terminal, socket, heard.subarray(end + 1))
      }
      socket.on('data', greet)
    },
  }
}

function join(remote: string, secret: string, terminal: boolean, socket: TLSSocket, first: Buffer): void {
  let hasEnded: () => void = () => undefined
  const inputEnded = new Promise<void>((resolve) => (hasEnded = resolve))
  const openedAt = Date.now()
  let client: WebSocketClient | undefined
  const hear = (chunk: Buffer) => {
    const ends = chunk.at(-1) === eot
    if (ends) hasEnded()
    const input = ends && !terminal ? chunk.subarray(0, -1) : chunk
    if (input.length) client?.send(input)
    const message: FromClient = { end: true }
    if (ends && !terminal) client?.send(JSON.stringify(message))
  }
  const listener = {
    onText: () => undefined,
    onBytes(bytes: Buffer) {
      if (socket.write(bytes)) return
      client?.pause()
      socket.once('drain', () => client?.resume())
    },
    onClose() {
      const wait = Math.max(0, openedAt + openMsMin - Date.now())
      void Promise.race([inputEnded, new Promise((resolve) => setTimeout(resolve, wait))]).then(() => socket.end())
    },
  }
  openWebSocket(`${remote}${attachPath(secret)}`, listener).then(
    (opened) => {
      client = opened
      socket.once('close', () => opened.close())
      // A packet of its own: clients take whatever comes first for the greeting and throw it away.
      socket.write('rendezvous\r\n')
      socket.setNoDelay(true)
      socket.on('data', hear)
      if (first.length) hear(first)
      socket.resume()
    },
    (error: Error) => socket.end(`rendezvous\r\n${error.message}\r\n`),
  )
}
