import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { NotUpgraded, openWebSocket } from './web-socket.js'

// A server made by others, so that both ends can't be wrong in the same way.
let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})
async function serve(meet: (client: WebSocket) => void): Promise<string> {
  server = createServer((_, res) => res.writeHead(404).end())
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (req, socket, head) => {
    if (req.url === '/refused') socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    else sockets.handleUpgrade(req, socket, head, meet)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const silent = { onText: () => undefined, onBytes: () => undefined, onClose: () => undefined }

test('messages of every length arrive whole, both ways', async () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_000_000]
  const host = await serve((client) =>
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary })),
  )
  const bytes: number[] = []
  const texts: string[] = []
  const client = await openWebSocket(`${host}/`, {
    ...silent,
    onBytes: (content) => bytes.push(content.length),
    onText: (text) => texts.push(text),
  })
  for (const size of sizes) client.send(Buffer.alloc(size, 7))
  client.send('grüße')
  await vi.waitFor(() => expect(texts).toEqual(['grüße']), { timeout: 5_000 })
  expect(bytes).toEqual(sizes)
  client.close()
})

test('what comes in pieces is put together, pings are answered, and the end is told', async () => {
  let pongs = 0
  const host = await serve((client) => {
    client.on('pong', () => {
      pongs++
      client.close(1000)
    })
    client.send('one ', { fin: false })
    client.send('text', { fin: true })
    client.ping('are you there')
  })
  const heard: string[] = []
  const closed = new Promise<void>((onClose) => {
    openWebSocket(`${host}/`, { onText: (text) => heard.push(text), onBytes: () => undefined, onClose })
  })
  await closed
  expect([heard, pongs]).toEqual([['one text'], 1])
})

test('a server that refuses, and one that is not there, are told apart', async () => {
  const host = await serve(() => undefined)
  await expect(openWebSocket(`${host}/refused`, silent)).rejects.toEqual(new NotUpgraded(404))
  await expect(openWebSocket('http://127.0.0.1:1/', silent)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
