import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { expect, test } from 'vitest'
import { authorityOf, isAuthority, makeAuthority } from './authority.js'

const from = new Date(Date.now() - 60_000)
const until = new Date(Date.now() + 365 * 86_400_000)
const pair = makeAuthority(['example.com', 'localhost', '127.0.0.1'], from, until)
const authority = authorityOf(pair)

/** What a client that trusts the authority makes of a server with a certificate for this name. */
async function meet(certified: string): Promise<string> {
  const { key, certificate } = authority.issue([certified], from, until)
  const server = tls.createServer({ key, cert: certificate }, (socket) => socket.end('hello'))
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    const isAddress = /^[\d.]+$/.test(certified)
    const { port } = server.address() as AddressInfo
    const socket = tls.connect({
      port,
      host: '127.0.0.1',
      ...(isAddress ? {} : { servername: certified }),
      ca: authority.certificate,
    })
    await once(socket, 'secureConnect')
    const [said] = await once(socket.setEncoding('utf8'), 'data')
    socket.destroy()
    return said
  } finally {
    server.close()
  }
}

test.each(['example.com', 'api.example.com', 'localhost', '127.0.0.1'])('it vouches for %s', async (name) => {
  expect(await meet(name)).toBe('hello')
})

test.each(['other.com', 'example.com.evil.net', 'notexample.com'])(
  'what it signs for %s, no client takes',
  async (name) => {
    await expect(meet(name)).rejects.toThrow(/permitted subtree/)
  },
)

test('it says that it is an authority, and its certificates that they are none', () => {
  const leaf = authority.issue(['api.example.com'], from, until).certificate
  expect(new X509Certificate(pair.certificate).ca).toBe(true)
  expect(new X509Certificate(leaf).ca).toBe(false)
  expect(isAuthority(pair, new Date())).toBe(true)
  expect(isAuthority({ ...pair, certificate: leaf }, new Date())).toBe(false)
  expect(isAuthority(pair, until)).toBe(false)
})
