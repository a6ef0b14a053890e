import http from 'node:http'
import net, { type AddressInfo } from 'node:net'

export interface Received {
  url: string
  headers: http.IncomingHttpHeaders
  body: string
}

/** A drain's receiver over http that may lie: it answers each request with the next of `answers`, else 200. */
export async function httpReceiver() {
  const received: Received[] = []
  const answers: (number | 'hang up' | 'silence')[] = []
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    received.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
    const answer = answers.shift() ?? 200
    if (answer === 'hang up') return void request.socket.destroy()
    if (answer === 'silence') return
    response.writeHead(answer).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const port = (server.address() as AddressInfo).port
  return {
    port,
    url: `http://127.0.0.1:${port}/logs`,
    received,
    answers,
    /** All lines so far, without what stands before the text. */
    texts: () =>
      received.flatMap(({ body }) => body.split('\n').filter(Boolean)).map((line) => line.replace(/^.*? - /, '')),
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** A syslog receiver over TCP. */
export async function tcpReceiver() {
  let text = ''
  const sockets = new Set<net.Socket>()
  let connections = 0
  const server = net.createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.on('data', (part) => {
      text += part
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `syslog://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => text,
    connections: () => connections,
    /** Ends every connection, as a receiver that starts anew. */
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
