import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** A connection that says nothing at all is closed after this. */
const silentMsMax = 60_000
/** The first byte of every TLS connection (a handshake record); no HTTP method begins with it. Source: RFC 8446, 5.1. */
const tlsByte = 0x16

/**
 * Lets one port carry TLS beside plain HTTP: by its first byte a connection goes to `onTls` or to the server itself. A
 * port of its own was considered: it would have to be opened, forwarded and told to people a second time.
 */
export function divert(server: Server, onTls: (socket: Socket) => void): { closeSilent(): void } {
  const [serve] = server.listeners('connection') as ((socket: Socket) => void)[]
  if (!serve) throw new Error('the server does not take connections in the way that is known here')
  server.off('connection', serve)
  const silent = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    silent.add(socket)
    const drop = () => socket.destroy()
    const forget = () => silent.delete(socket)
    const look = () => {
      const first = socket.read(1) as Buffer | null
      // Told also at the end, when there is nothing to read.
      if (first === null) return
      socket.off('readable', look)
      socket.off('error', drop)
      socket.off('close', forget)
      socket.setTimeout(0, drop)
      socket.off('timeout', drop)
      forget()
      socket.unshift(first)
      if (first[0] === tlsByte) onTls(socket)
      else serve.call(server, socket)
    }
    socket.on('error', drop)
    socket.on('close', forget)
    socket.setTimeout(silentMsMax, drop)
    socket.on('readable', look)
    socket.once('end', () => silent.has(socket) && socket.destroy())
  })
  return {
    closeSilent() {
      for (const socket of silent) socket.destroy()
    },
  }
}
