import type { Socket } from 'node:net'
import tls, { type TLSSocket } from 'node:tls'
import type { Certificate } from '../secrets/certificate.js'

/** Takes connections that begin with TLS, and hands them on once they are secure. */
export interface TlsDoor {
  take(socket: Socket): void
  close(): void
}

export function tlsDoor(certificate: Certificate, serve: (socket: TLSSocket) => void): TlsDoor {
  const open = new Set<Socket>()
  const server = tls.createServer({
    key: certificate.key,
    cert: certificate.certificate,
    handshakeTimeout: 10_000,
    minVersion: 'TLSv1.2',
  })
  server.on('secureConnection', serve)
  // Strangers who try a port; their broken handshakes are nobody's fault.
  server.on('tlsClientError', (_, socket) => socket.destroy())
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
