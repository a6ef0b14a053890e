import type { Socket } from 'node:net'
import tls, { type SecureContext, type TLSSocket } from 'node:tls'
import type { Certificate } from '@mortise/certificates/certificate'

/** Takes connections that begin with TLS, and hands them on once they are secure. */
export interface TlsDoor {
  take(socket: Socket): void
  close(): void
}

export interface TlsDoorOptions {
  /** What clients meet who ask for no name that a customer has a certificate for. */
  certificate: Certificate
  /** A customer's own certificate for a name, if there is one. */
  certificateFor(servername: string): Promise<SecureContext | undefined>
  /** Who came for a one-off. */
  serve(socket: TLSSocket): void
  /** Who came for an app under a customer's domain, and speaks HTTP from here on. */
  serveApp(socket: TLSSocket): void
  onFault(error: unknown): void
}

/** By the name that a client asks for (SNI) it meets a customer's certificate, or ours. Source: RFC 6066, section 3. */
export function tlsDoor(options: TlsDoorOptions): TlsDoor {
  const { certificate, onFault } = options
  const open = new Set<Socket>()
  const server = tls.createServer({
    key: certificate.key,
    cert: certificate.certificate,
    handshakeTimeout: 10_000,
    minVersion: 'TLSv1.2',
    SNICallback(servername, answer) {
      options.certificateFor(servername).then(
        (context) => answer(null, context),
        (error) => {
          onFault(error)
          answer(error)
        },
      )
    },
  })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy())
    isForApp(socket).then(
      (forApp) => (forApp ? options.serveApp(socket) : options.serve(socket)),
      (error) => {
        onFault(error)
        socket.destroy()
      },
    )
  })
  // Strangers who try a port; their broken handshakes are nobody's fault.
  server.on('tlsClientError', (_, socket) => socket.destroy())

  async function isForApp(socket: TLSSocket): Promise<boolean> {
    const { servername } = socket as TLSSocket & { servername?: string | false }
    return Boolean(servername && (await options.certificateFor(servername)))
  }

  return {
    take(socket) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      socket.on('error', () => socket.destroy())
      server.emit('connection', socket)
    },
    close() {
      for (const socket of open) socket.destroy()
    },
  }
}
