import net from 'node:net'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { Guard } from './outbound-guard.js'
import { isLiteral, Refused } from './outbound-guard.js'

export type SocketAnswer =
  | { got: 'socket'; socket: Duplex }
  | { got: 'refused'; reason: string; isCertificate: boolean }

export interface Sockets {
  /**
   * Connects to `host:port` over TCP, or over TLS with the certificate checked, to the very address that was checked.
   * The caller owns the socket and must hear its errors.
   */
  connect(to: { host: string; port: number; isSecure: boolean; timeoutMs: number }): Promise<SocketAnswer>
}

/** What a server's certificate can be wrong about; the rest are errors of the way there. */
export const isCertificateFault = (code: string): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS/.test(code)

export function socketsBy(guard: Guard): Sockets {
  return {
    connect({ host, port, isSecure, timeoutMs }) {
      const name = host.replace(/^\[|\]$/g, '')
      if (isLiteral(name) && !guard.isAllowed(name, name)) {
        return Promise.resolve({ got: 'refused', reason: `${name} is not an allowed address`, isCertificate: false })
      }
      return new Promise((answer) => {
        const to = { host: name, port, lookup: guard.lookup }
        const socket = isSecure
          ? tls.connect({ ...to, ...(isLiteral(name) ? {} : { servername: name }) })
          : net.connect(to)
        const timer = setTimeout(() => refuse('ETIMEDOUT'), timeoutMs)
        function refuse(reason: string): void {
          clearTimeout(timer)
          socket.on('error', () => undefined).destroy()
          answer({ got: 'refused', reason, isCertificate: isCertificateFault(reason) })
        }
        socket.once('error', (error: NodeJS.ErrnoException) =>
          refuse(
            error instanceof Refused ? `${name} leads to an address that is not allowed` : (error.code ?? 'broken'),
          ),
        )
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          clearTimeout(timer)
          socket.removeAllListeners('error')
          answer({ got: 'socket', socket })
        })
      })
    },
  }
}
