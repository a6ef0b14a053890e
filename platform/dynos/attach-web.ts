import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { attachPath, type FromClient, type FromServer } from '@mortise/contract/platform-api/attach'
import type { OneOff } from '@mortise/runtime/driver'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { idleMsMax } from './attach-tls.js'
import type { Rendezvous } from './rendezvous.js'

const messageBytesMax = 1024 * 1024
/** Output waits while this much has not reached the client. */
const behindBytesMax = 1024 * 1024
/** Proxies close what is silent; a ping is not silence. */
const pingMs = 25_000
const path = new RegExp(`^${attachPath('([A-Za-z0-9_-]{20,100})')}$`)

/** The WebSocket door (see contract/platform-api/attach.ts). @returns false when the request is not for it */
export function webDoor(meeting: Rendezvous): (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean {
  const server = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false })
  return (req, socket, head) => {
    const secret = path.exec(req.url ?? '')?.[1]
    if (!secret || req.method !== 'GET') return false
    // Browsers send their cookies along and no secret of ours; those who know one are let in from any page.
    const oneOff = meeting.meet(secret)
    if (!oneOff) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return true
    }
    server.handleUpgrade(req, socket, head, (client) => converse(oneOff, client))
    // A handshake that fails closes the socket without a client.
    socket.once('close', () => void oneOff.stop())
    return true
  }
}

function converse(oneOff: OneOff, client: WebSocket): void {
  const { stdin, output } = oneOff
  stdin?.on('error', () => undefined)
  let lastAt = Date.now()
  const beat = setInterval(() => {
    if (Date.now() - lastAt > idleMsMax) return client.terminate()
    client.ping()
    if (client.bufferedAmount < behindBytesMax && output?.isPaused()) output.resume()
  }, pingMs)
  client.on('error', () => client.terminate())
  client.on('close', () => clearInterval(beat))
  client.on('message', (data: RawData, isBinary: boolean) => {
    lastAt = Date.now()
    const bytes = data as Buffer
    if (!isBinary) return obey(oneOff, bytes)
    if (stdin?.writable && !stdin.write(bytes)) {
      client.pause()
      stdin.once('drain', () => client.resume())
    }
  })
  output?.on('data', (chunk: Buffer) => {
    lastAt = Date.now()
    client.send(chunk, () => {
      if (output.isPaused() && client.bufferedAmount < behindBytesMax) output.resume()
    })
    if (client.bufferedAmount > behindBytesMax) output.pause()
  })
  output?.once('end', async () => {
    const exit: FromServer = { exit: await oneOff.exited }
    client.send(JSON.stringify(exit))
    client.close(1000)
  })
}

/** What is no message of ours is ignored: it can't harm, and newer clients may say more. */
function obey(oneOff: OneOff, bytes: Buffer): void {
  let said: Partial<{ [K in 'resize' | 'end']: unknown }> & Partial<FromClient>
  try {
    said = JSON.parse(bytes.toString())
  } catch {
    return
  }
  const size = (said as { resize?: { columns?: unknown; rows?: unknown } } | null)?.resize
  if (typeof size?.columns === 'number' && typeof size.rows === 'number') {
    oneOff.resize?.({ columns: size.columns, rows: size.rows })
  }
  if ((said as { end?: unknown } | null)?.end === true) oneOff.stdin?.end()
}
