import http from 'node:http'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { createLogs } from '@mortise/runtime/logs/logs'
import { createRouter } from '@mortise/runtime/router/router'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findAddressed } from '../apps/store.js'
import { wildcardOver } from '../domains/domain.js'
import { findServed } from '../domains/store.js'
import { certificatesFor } from '../domains/tls.js'
import { selfSigned } from '@mortise/certificates/certificate'
import { type Front, openFront } from './front.js'
import { dispatch, hostsOf } from './hosts.js'
import { type House, testHouse } from './test-house.js'
import { type TlsDoor, tlsDoor } from './tls-door.js'

// The real front, door and router before one web server, which stands for a dyno.
const at = new Date()
const until = new Date(Date.now() + 90 * 86_400_000)
const ours = selfSigned(['localhost'], at, until)
let house: House<'owner'>
let front: Front
let door: TlsDoor
let dyno: http.Server
const rendezvous: string[] = []
const faults: unknown[] = []

beforeAll(async () => {
  house = await testHouse(['owner'])
  const { db, secrets, world } = house
  await house.ask('owner', 'POST', '/apps', { name: 'shop' })
  dyno = http.createServer((request, answer) => {
    answer.end(`${request.headers.host} over ${request.headers['x-forwarded-proto']}`)
  })
  await new Promise<void>((done) => dyno.listen(0, '127.0.0.1', done))
  const target = { host: '127.0.0.1', port: (dyno.address() as AddressInfo).port, dyno: 'web.1' }
  const router = createRouter({ targets: () => [target], logs: createLogs() })
  front = await openFront(0, '127.0.0.1')
  door = tlsDoor({
    certificate: ours,
    certificateFor: certificatesFor({ db, secrets }),
    serve: (socket) => {
      rendezvous.push(String((socket as tls.TLSSocket & { servername: unknown }).servername))
      socket.destroy()
    },
    serveApp: front.takeSecure,
    onFault: (error) => void faults.push(error),
  })
  front.serve({
    tls: door.take,
    ...dispatch({
      hosts: hostsOf({ url: null, appsDomain: null, host: null }, front.port),
      world,
      meet: () => undefined,
      own: (_, res) => void res.end('the platform'),
      ownUpgrade: () => false,
      router,
      find: (name) => findAddressed(db, name),
      findByDomain: (hostname) => findServed(db, hostname, wildcardOver(hostname)),
      onFault: (error) => void faults.push(error),
    }),
  })
})
afterAll(async () => {
  expect(faults).toEqual([])
  door.close()
  await front.close()
  dyno.close()
  await house.end()
})

function ask(host: string): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    const sent = http.request({ host: '127.0.0.1', port: front.port, headers: { host } }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (part) => (body += part))
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body }))
    })
    sent.on('error', failed).end()
  })
}

/** One request over TLS, and the certificate that was met. */
function askSecurely(servername: string, ca: string): Promise<{ text: string; subject: string }> {
  return new Promise((done, failed) => {
    const socket = tls.connect({ host: '127.0.0.1', port: front.port, servername, ca }, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`)
    })
    let text = ''
    let subject = ''
    socket.on('secureConnect', () => {
      subject = String(socket.getPeerCertificate().subject.CN)
    })
    socket.on('data', (part) => (text += part))
    socket.on('error', failed)
    socket.on('close', () => done({ text, subject }))
  })
}

const later = () => new Promise((done) => setTimeout(done, 1_100))

test('a host is served for the app that has the domain, from its adding to its removal', async () => {
  expect(await ask('www.example.com')).toMatchObject({ status: 404 })
  await house.ask('owner', 'POST', '/apps/shop/domains', { hostname: 'www.example.com' })
  await house.ask('owner', 'POST', '/apps/shop/domains', { hostname: '*.many.example.com' })
  await later()
  expect(await ask('WWW.example.com:8080')).toEqual({ status: 200, body: 'WWW.example.com:8080 over http' })
  expect((await ask('any.many.example.com')).status).toBe(200)
  expect((await ask('two.labels.many.example.com')).status).toBe(404)
  expect((await ask('example.com')).status).toBe(404)
  await house.ask('owner', 'PATCH', '/apps/shop', { maintenance: true })
  await later()
  expect((await ask('www.example.com')).status).toBe(503)
  await house.ask('owner', 'PATCH', '/apps/shop', { maintenance: false })
  await house.ask('owner', 'DELETE', '/apps/shop/domains/www.example.com')
  await later()
  expect((await ask('www.example.com')).status).toBe(404)
})

test('a domain with a certificate is served over TLS with it, and with a newer one as soon as that is there', async () => {
  const pair = selfSigned(['secure.example.com'], at, until)
  const body = { certificate_chain: pair.certificate, private_key: pair.key }
  const { body: endpoint } = await house.ask('owner', 'POST', '/apps/shop/sni-endpoints', body)
  const domain = { hostname: 'secure.example.com', sni_endpoint: endpoint.name }
  expect((await house.ask('owner', 'POST', '/apps/shop/domains', domain)).status).toBe(201)
  const first = await askSecurely('secure.example.com', pair.certificate)
  expect(first.subject).toBe('secure.example.com')
  expect(first.text).toMatch(/^HTTP\/1.1 200 .*secure.example.com over https/s)

  const newer = selfSigned(['secure.example.com'], at, until)
  const renewal = { certificate_chain: newer.certificate, private_key: newer.key }
  await house.ask('owner', 'PATCH', `/apps/shop/sni-endpoints/${endpoint.name}`, renewal)
  await expect(askSecurely('secure.example.com', pair.certificate)).rejects.toThrow(/self-signed|certificate/)
  expect((await askSecurely('secure.example.com', newer.certificate)).text).toContain('200')
})

test('whoever asks over TLS for another name meets our certificate and the door of one-offs', async () => {
  await askSecurely('localhost', ours.certificate)
  expect(rendezvous).toEqual(['localhost'])
  await expect(askSecurely('unknown.example.com', ours.certificate)).rejects.toThrow()
})
