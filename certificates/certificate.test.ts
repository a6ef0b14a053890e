import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { expect, test } from 'vitest'
import { isGoodFor, selfSigned } from './certificate.js'

const hosts = ['localhost', 'mortise.example.com', '127.0.0.1', '::1']
const from = new Date(Date.now() - 60_000)
const until = new Date('2055-01-01T00:00:00Z')

test('whoever trusts the certificate reaches the server by each of its names, and nobody else does', async () => {
  const { key, certificate } = selfSigned(hosts, from, until)
  const server = tls.createServer({ key, cert: certificate }, (socket) => socket.end('hello'))
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const greet = async (servername: string, ca?: string) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername, ca })
    await once(socket, 'secureConnect')
    const [said] = await once(socket.setEncoding('utf8'), 'data')
    socket.destroy()
    return said
  }
  try {
    for (const name of ['localhost', 'mortise.example.com', '']) expect(await greet(name, certificate)).toBe('hello')
    await expect(greet('other.example.com', certificate)).rejects.toThrow(/altnames/)
    await expect(greet('localhost')).rejects.toThrow(/self-signed/)
  } finally {
    server.close()
  }
})

test('it names what it is for, and is no authority that could vouch for others', () => {
  const certificate = new X509Certificate(selfSigned(hosts, from, until).certificate)
  expect(certificate.ca).toBe(false)
  expect(certificate.subjectAltName).toBe(
    'DNS:localhost, DNS:mortise.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  )
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(new Date(certificate.validTo)).toEqual(until)
})

test('a pair is made anew for another host, near its end, or when the key belongs to another', () => {
  const pair = selfSigned(hosts, from, until)
  const now = new Date()
  expect(isGoodFor(pair, hosts, now)).toBe(true)
  expect(isGoodFor(pair, ['localhost', 'new.example.com'], now)).toBe(false)
  expect(isGoodFor(pair, hosts, new Date('2054-12-15T00:00:00Z'))).toBe(false)
  expect(isGoodFor({ ...pair, key: selfSigned(hosts, from, until).key }, hosts, now)).toBe(false)
  expect(isGoodFor({ key: '', certificate: 'broken' }, hosts, now)).toBe(false)
})
