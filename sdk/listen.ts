import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { send } from './http.js'

export interface Listening {
  port: number
  url: string
  /** Stops accepting, lets running requests end (5 s at most). */
  close(): Promise<void>
}

/** Answers a request and says so, or leaves it alone and says false. */
export type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<boolean> | boolean

/**
 * A server of its own for these handlers, asked in order; what none of them answers is 404.
 * @throws Error with code EADDRINUSE when the port is taken
 */
export function listen(
  handlers: Handler[],
  { port, host, onError, onClose }: { port: number; host: string; onError(error: unknown): void; onClose(): void },
): Promise<Listening> {
  const server = createServer(async (req, res) => {
    try {
      for (const handler of handlers) if (await handler(req, res)) return
      send(res, { status: 404, body: { message: 'Not found.' } })
    } catch (error) {
      onError(error)
      send(res, { status: 500, body: { message: 'Something went wrong at the provider.' } })
    }
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const { port: chosen } = server.address() as AddressInfo
      resolve({ port: chosen, url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}`, close })
    })
  })

  function close(): Promise<void> {
    onClose()
    return new Promise((done) => {
      const cut = setTimeout(() => server.closeAllConnections(), 5_000)
      server.close(() => {
        clearTimeout(cut)
        done()
      })
      server.closeIdleConnections()
    })
  }
}
