import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Finding } from '@mortise/contract/finding'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect } from './api.js'
import { lookAtInstallation, lookAtServer, lookAtSetup } from './setup.js'

// A pretend server; what is looked at here is the real command line's own.
const answers = new Map<string, { status?: number; body: unknown; date?: string }>()
const server = http.createServer((req, res) => {
  const answer = answers.get(req.url?.split('?')[0] ?? '')
  if (answer?.date) res.setHeader('date', answer.date)
  res.writeHead(answer?.status ?? (answer ? 200 : 404), { 'content-type': 'application/json' })
  res.end(JSON.stringify(answer?.body ?? { id: 'not_found', message: 'There is nothing.' }))
})
let host: string
const dir = mkdtempSync(path.join(tmpdir(), 'mortise-setup-'))
const file = path.join(dir, 'credentials.json')

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(dir, { recursive: true })
})
beforeEach(() => {
  answers.clear()
  answers.set('/caller', { body: { address: '127.0.0.1' } })
  answers.set('/account', { body: { email: 'op@example.com' } })
  answers.set('/workers', { body: [{ state: 'alive', role: 'all', host: 'box', version: '1' }] })
  answers.set('/operations', { body: [] })
  answers.set('/providers', { body: [{ name: 'fast-db', circuit: { state: 'closed' } }] })
  writeFileSync(file, '{"hosts":{}}')
  chmodSync(file, 0o600)
})

const now = () => new Date()
const installation = () => lookAtInstallation(connect({ host, token: 'any' }))
const bad = (findings: Finding[]) => findings.filter(({ state }) => state !== 'ok')

describe('a setup that is well', () => {
  it('has nothing bad', async () => {
    const all = [...(await lookAtSetup(file, {}, true)), ...(await lookAtServer(host, now)), ...(await installation())]
    expect(bad(all)).toEqual([])
    expect(all.length).toBeGreaterThan(6)
  })
})

const wrong: [what: string, look: () => Promise<Finding[]>, check: string, state: Finding['state'], next: RegExp][] = [
  [
    'a file that others read',
    async () => (chmodSync(file, 0o644), lookAtSetup(file, {}, true)),
    'credentials file',
    'problem',
    /chmod 600/,
  ],
  [
    'a damaged file',
    async () => (writeFileSync(file, '{'), lookAtSetup(file, {}, true)),
    'credentials file',
    'problem',
    /Delete/,
  ],
  [
    'a key that counts before the login',
    () => lookAtSetup(file, { MORTISE_API_KEY: 'x' }, true),
    'environment',
    'warning',
    /Unset/,
  ],
  ['no server', () => lookAtServer('http://127.0.0.1:9', now), 'server', 'problem', /--host/],
  [
    'another server',
    async () => (answers.delete('/caller'), lookAtServer(host, now)),
    'server',
    'problem',
    /Check the address/,
  ],
  ['another time', () => lookAtServer(host, () => new Date(Date.now() + 300_000)), 'clock', 'warning', /time server/],
  ['a time behind', () => lookAtServer(host, () => new Date(Date.now() - 300_000)), 'clock', 'warning', /time server/],
  [
    'no login',
    async () => (
      answers.set('/account', { status: 401, body: { id: 'unauthorized', message: 'No.' } }), installation()
    ),
    'login',
    'problem',
    /mortise login/,
  ],
  [
    'a silent process',
    async () => (
      answers.set('/workers', { body: [{ state: 'silent', role: 'worker', host: 'box', version: '1' }] }),
      installation()
    ),
    'processes',
    'warning',
    /mortise workers/,
  ],
  [
    'two versions',
    async () => (
      answers.set('/workers', {
        body: ['1', '2'].map((version) => ({ state: 'alive', role: 'api', host: 'box', version })),
      }),
      installation()
    ),
    'versions',
    'warning',
    /Restart/,
  ],
  [
    'what is stuck',
    async () => (answers.set('/operations', { body: [{}, {}] }), installation()),
    'operations',
    'problem',
    /-s stuck/,
  ],
  [
    'a provider that is left alone',
    async () => (answers.set('/providers', { body: [{ name: 'slow', circuit: { state: 'open' } }] }), installation()),
    'providers',
    'warning',
    /mortise providers/,
  ],
]
it.each(wrong)('%s is found, with what to do', async (_, look, check, state, next) => {
  const found = bad(await look())
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({ check, state, next: expect.stringMatching(next) })
})

it('a token that crosses the network in the clear is found', async () => {
  const real = globalThis.fetch
  globalThis.fetch = (url, init) => real(String(url).replace('http://mortise.example.com', host), init)
  try {
    expect(bad(await lookAtServer('http://mortise.example.com', now))).toMatchObject([
      { check: 'way', state: 'problem' },
    ])
  } finally {
    globalThis.fetch = real
  }
})

it('whoever is no operator hears nothing of the installation', async () => {
  answers.set('/workers', { status: 403, body: { id: 'forbidden', message: 'This is for the operator.' } })
  expect(await installation()).toEqual([{ check: 'login', state: 'ok', message: 'You are op@example.com.', next: '' }])
})
