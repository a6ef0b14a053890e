import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Front, openFront } from './front.js'

let front: Front
const upgrades: string[] = []
beforeEach(async () => {
  upgrades.length = 0
  front = await openFront(0, '127.0.0.1')
  front.serve({
    request(req, res) {
      let body = ''
      req.on('data', (part) => {
        body += part
      })
      req.on('end', () => res.end(JSON.stringify({ url: req.url, headers: req.headers, body })))
    },
    upgrade(req, socket) {
      upgrades.push(req.headers.upgrade ?? '')
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    },
    tls: (socket) => void socket.destroy(),
  })
})
afterEach(() => front.close())

/** Writes parts one after the other, and reads until the server has answered so many times. */
async function talk(parts: string[], answers: number): Promise<string> {
  const socket = net.connect(front.port, '127.0.0.1')
  let said = ''
  socket.on('data', (part) => {
    said += part
  })
  for (const part of parts) {
    socket.write(part)
    await new Promise((next) => setTimeout(next, 20))
  }
  await expect.poll(() => said.split('HTTP/1.1 ').length - 1).toBe(answers)
  socket.destroy()
  return said
}

const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'

test('who offers HTTP/2 is answered in HTTP/1.1, with a body in pieces, and again on the same connection', async () => {
  const first = `POST /a?b=c HTTP/1.1\r\nHost: shop.localhost\r\nX-Twice: 1\r\nX-Twice: 2\r\n${offer}Content-Length: 10\r\n\r\nhello`
  const said = await talk([first, 'world', `GET /next HTTP/1.1\r\nHost: x\r\n${offer}\r\n`], 2)
  const told = [...said.matchAll(/\{.*\}/g)].map(([json]) => JSON.parse(json))
  expect(told).toEqual([
    {
      url: '/a?b=c',
      headers: { host: 'shop.localhost', 'x-twice': '1, 2', 'content-length': '10' },
      body: 'helloworld',
    },
    { url: '/next', headers: { host: 'x' }, body: '' },
  ])
  expect(upgrades).toEqual([])
})

test('who wants a WebSocket gets to who serves them, though HTTP/2 would do, too', async () => {
  const wants = 'Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n'
  expect(await talk([`GET / HTTP/1.1\r\nHost: x\r\n${wants}\r\n`], 1)).toMatch(/^HTTP\/1.1 101/)
  expect(upgrades).toEqual(['h2c, websocket'])
})

test('who wants the connection closed has it closed', async () => {
  const said = await talk([`GET / HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n`], 1)
  expect(said).toMatch(/^Connection: close\r$/m)
})
