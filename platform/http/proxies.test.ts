import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { networkProblem, proxies } from './proxies.js'

const request = (from: string, headers: Record<string, string> = {}, isTls = false) =>
  ({
    headers: { host: 'proxy.internal', ...headers },
    socket: { remoteAddress: from, ...(isTls ? { encrypted: true } : {}) },
  }) as unknown as IncomingMessage

const spoofed = {
  'x-forwarded-for': '198.51.100.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'mortise.example.com',
  'x-forwarded-port': '443',
  forwarded: 'for=198.51.100.1;proto=https',
}

describe('who asks', () => {
  const trusting = proxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])

  test('a stranger is believed nothing, and what it claimed reaches nobody', () => {
    const one = request('192.0.2.7', spoofed)
    expect(trusting.meet(one)).toEqual({
      address: '192.0.2.7',
      proto: 'http',
      isPassedOn: true,
      isTrusted: false,
      isFromPeer: false,
    })
    // X-Forwarded-For goes on, as the router's promise to apps is: its last address is the one to rely on.
    expect(one.headers).toEqual({
      host: 'proxy.internal',
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'http',
    })
  })

  test('nobody is believed where no proxy is named, this machine neither', () => {
    const one = request('127.0.0.1', spoofed)
    expect(proxies([]).meet(one)).toMatchObject({ address: '127.0.0.1', proto: 'http' })
    expect(one.headers.host).toBe('proxy.internal')
  })

  test('a trusted proxy tells client, scheme and host', () => {
    for (const peer of ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', 'fd00::5']) {
      const one = request(peer, spoofed)
      expect(trusting.meet(one)).toMatchObject({ address: '198.51.100.1', proto: 'https', isPassedOn: true })
      expect(one.headers).toEqual({
        host: 'mortise.example.com',
        'x-forwarded-proto': 'https',
        'x-forwarded-port': '443',
      })
    }
  })

  test('what a client wrote before its own address is not taken for it, however many proxies we trust', () => {
    const one = request('127.0.0.1', { 'x-forwarded-for': '203.0.113.66, 198.51.100.1, 10.0.0.9' })
    expect(trusting.meet(one).address).toBe('198.51.100.1')
    expect(one.headers['x-forwarded-for']).toBe('203.0.113.66')
  })

  test('the last scheme and host are the ones that our proxy wrote', () => {
    const one = request('127.0.0.1', {
      'x-forwarded-proto': 'https, http',
      'x-forwarded-host': 'evil.example, good.example',
    })
    expect(trusting.meet(one).proto).toBe('http')
    expect(one.headers.host).toBe('good.example')
  })

  test('ports and brackets around addresses are read; what is no address is not', () => {
    const from = (value: string) => trusting.meet(request('127.0.0.1', { 'x-forwarded-for': value })).address
    expect(from('198.51.100.1:4711')).toBe('198.51.100.1')
    expect(from('[2001:db8::1]:4711')).toBe('2001:db8::1')
    expect(from('198.51.100.1, unknown')).toBe('127.0.0.1')
  })

  test('a hostile host is not taken over', () => {
    const one = request('127.0.0.1', { 'x-forwarded-host': 'a b/<script>' })
    trusting.meet(one)
    expect(one.headers.host).toBe('proxy.internal')
  })

  test('a connection of our own with TLS is https, and looking twice changes nothing', () => {
    const one = request('127.0.0.1', { 'x-forwarded-for': '198.51.100.1, 198.51.100.2' }, true)
    expect(trusting.meet(one)).toBe(trusting.meet(one))
    expect(trusting.meet(one)).toMatchObject({ proto: 'https', address: '198.51.100.2' })
    expect(one.headers['x-forwarded-for']).toBe('198.51.100.1')
  })
})

describe('between processes of one installation', () => {
  let time = 0
  const voucher = (key: string) => ({
    seal: (text: string) => Buffer.from(`${key}|${text}`).toString('base64url'),
    open(sealed: string) {
      const text = Buffer.from(sealed, 'base64url').toString()
      if (!text.startsWith(`${key}|`)) throw new Error('sealed by somebody else')
      return text.slice(key.length + 1)
    },
    now: () => new Date(time),
  })

  test('the next one knows who asked, though it trusts no proxy; the seal goes no further', () => {
    const first = request('127.0.0.1', spoofed)
    const told = proxies(['127.0.0.1'], voucher('ours')).vouchFor(first)
    const second = request('10.9.9.9', { ...(first.headers as Record<string, string>), ...told })
    const met = proxies([], voucher('ours')).meet(second)
    expect(met).toMatchObject({ address: '198.51.100.1', proto: 'https', isFromPeer: true })
    expect(second.headers).toMatchObject({ host: 'mortise.example.com', 'x-forwarded-proto': 'https' })
    expect(second.headers['mortise-forwarded']).toBeUndefined()
  })

  test("a seal of others, or one that is too old, is a stranger's claim", () => {
    const told = proxies([], voucher('theirs')).vouchFor(request('203.0.113.1'))
    expect(proxies([], voucher('ours')).meet(request('192.0.2.1', told))).toMatchObject({
      address: '192.0.2.1',
      isFromPeer: false,
    })
    const own = proxies([], voucher('ours')).vouchFor(request('203.0.113.1'))
    expect(proxies([], voucher('ours')).meet(request('192.0.2.1', { ...own })).address).toBe('203.0.113.1')
    time = 61_000
    expect(proxies([], voucher('ours')).meet(request('192.0.2.1', { ...own })).address).toBe('192.0.2.1')
  })
})

test.each([
  ['127.0.0.1', null],
  ['10.0.0.0/8', null],
  ['::1', null],
  ['fc00::/7', null],
  ['0.0.0.0/0', 'a large part of the Internet'],
  ['::/0', 'a large part of the Internet'],
  ['128.0.0.0/1', 'a large part of the Internet'],
  ['proxy.example.com', 'takes an address or a network'],
  ['10.0.0.0/33', 'takes an address or a network'],
  ['10.0.0.0/8/8', 'takes an address or a network'],
])('the network %s', (text, problem) => {
  if (problem === null) expect(networkProblem(text)).toBeNull()
  else expect(networkProblem(text)).toContain(problem)
})
