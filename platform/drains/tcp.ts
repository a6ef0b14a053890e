import type { Duplex } from 'node:stream'
import { hostOf } from '../http/outbound-guard.js'
import type { Sockets } from '../http/outbound-socket.js'
import type { Frame } from './buffer.js'
import { type Delivered, requestMs } from './https.js'

/** Source: Logplex, tcp syslog drain. */
export const connectMs = 3_000
export const idleMs = 4 * 60_000
/** Source: RFC 6587 and RFC 5425 name these ports. */
const portOf: Record<string, number> = { 'syslog:': 514, 'syslog+tls:': 6514 }

export interface TcpWriter {
  /**
   * Hands one frame to the connection, which it makes when there is none. Syslog knows no receipt: what was handed over
   * may still be lost with the connection.
   */
  write(frame: Frame): Promise<Delivered>
  close(): void
}

/** One connection to a syslog receiver, kept while there is something to say. */
export function tcpWriter(sockets: Sockets, address: string): TcpWriter {
  const url = new URL(address)
  const to = {
    host: hostOf(url),
    port: Number(url.port) || (portOf[url.protocol] ?? 514),
    isSecure: url.protocol === 'syslog+tls:',
    timeoutMs: connectMs,
  }
  let socket: Duplex | null = null
  let idle: NodeJS.Timeout | undefined
  let isClosed = false

  function close(): void {
    clearTimeout(idle)
    socket?.destroy()
    socket = null
  }

  async function connected(): Promise<Duplex | Delivered> {
    if (socket?.writable) return socket
    close()
    const answer = await sockets.connect(to)
    if (answer.got === 'refused')
      return { outcome: 'failed', reason: answer.reason, isSent: false, isCertificate: answer.isCertificate }
    const made = answer.socket
    const gone = () => {
      if (socket === made) socket = null
      made.destroy()
    }
    // A receiver has nothing to say; reading it away notices when it closes.
    made.on('error', gone).on('end', gone).on('close', gone).resume()
    if (isClosed) made.destroy()
    else socket = made
    return made
  }

  return {
    async write(frame) {
      clearTimeout(idle)
      const found = await connected()
      if ('outcome' in found) return found
      const reason = await handOver(found, frame.text)
      if (reason !== null) {
        close()
        return { outcome: 'failed', reason, isSent: true, isCertificate: false }
      }
      idle = setTimeout(close, idleMs).unref()
      return { outcome: 'taken' }
    },
    close() {
      isClosed = true
      close()
    },
  }
}

/** @returns why it was not taken, or null */
function handOver(socket: Duplex, text: string): Promise<string | null> {
  return new Promise((done) => {
    const end = (reason: string | null) => {
      clearTimeout(timer)
      socket.off('close', closed)
      done(reason)
    }
    const closed = () => end('the connection broke')
    // A receiver that does not read must not hold up more than its own lines.
    const timer = setTimeout(() => end(`not taken within ${requestMs / 1000} s`), requestMs)
    socket.once('close', closed)
    // Called when the system has taken all of it.
    socket.write(text, (error) => end(error ? 'the connection broke' : null))
  })
}
