import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cautions, type Combination, isElsewhere, refuseUnsafe } from './unsafe.js'

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-unsafe-'))
afterAll(() => fs.rmSync(dataDir, { recursive: true, force: true }))

/** An installation for the world as it should be. */
const open = { url: 'https://mortise.example.com', trustAllApps: true, trustedProxies: ['127.0.0.1'] }
const remote = 'postgres://me:very-secret@db.example.com/mortise'

const refused: [what: string, given: Combination, sentence: string, instead: Combination][] = [
  ['apps of strangers', { ...open, trustAllApps: false }, 'Pass --trust-all-apps', open],
  [
    'a proxy that is the whole Internet',
    { trustedProxies: ['0.0.0.0/0'] },
    'large part of the Internet',
    { trustedProxies: ['10.0.0.0/8'] },
  ],
  ['a proxy by name', { trustedProxies: ['proxy'] }, 'takes an address or a network', { trustedProxies: ['::1'] }],
  [
    'http in public',
    { ...open, url: 'http://mortise.example.com' },
    'pass --allow-http',
    { ...open, url: 'http://mortise.example.com', allowHttp: true },
  ],
  [
    'all interfaces without an address',
    { host: '0.0.0.0', trustAllApps: true },
    'pass --allow-http',
    { host: '0.0.0.0', trustAllApps: true, allowHttp: true },
  ],
  [
    'a port open to all behind https',
    { ...open, host: '0.0.0.0', trustedProxies: [] },
    'name a proxy elsewhere with --trusted-proxy',
    { ...open, host: '0.0.0.0' },
  ],
  [
    'a helper whose port is open to all',
    { role: 'api', host: '0.0.0.0' },
    'name a proxy elsewhere',
    { role: 'worker', host: '0.0.0.0' },
  ],
  [
    'a short password',
    { ...open, operator: { password: 'tiny' } },
    'MORTISE_PASSWORD is too weak',
    { ...open, operator: { password: 'correct horse battery' } },
  ],
  [
    'a known password',
    { ...open, operator: { password: 'Password123' } },
    'Everybody would try this one first',
    { operator: { password: 'Password123' } },
  ],
  [
    'a short API key',
    { ...open, operator: { apiKey: 'short-key' } },
    'at least 20 characters',
    { operator: { apiKey: 'short-key' } },
  ],
  [
    'a key that one folder holds',
    { databaseUrl: remote, dataDir },
    'MORTISE_MASTER_KEYS="1:$(openssl rand',
    { databaseUrl: remote, dataDir, masterKeys: 'given' },
  ],
]

test.each(refused)('%s: refused with what to do instead', (_, given, sentence, instead) => {
  const start = () => refuseUnsafe(given)
  expect(start).toThrow(sentence)
  expect(start).toThrow(expect.objectContaining({ exitCode: 1 }))
  expect(start).not.toThrow('very-secret')
  expect(() => refuseUnsafe(instead)).not.toThrow()
})

test('at home nothing is asked for, and a database next door may share the folder', () => {
  expect(() => refuseUnsafe({})).not.toThrow()
  expect(() => refuseUnsafe({ url: 'http://localhost:8080', operator: { password: 'tiny' } })).not.toThrow()
  expect(() => refuseUnsafe({ databaseUrl: 'postgres://me@127.0.0.1/mortise', dataDir })).not.toThrow()
})

test('a folder that has its key already may go on with a database elsewhere', () => {
  fs.writeFileSync(path.join(dataDir, 'master.key'), 'any')
  expect(() => refuseUnsafe({ databaseUrl: remote, dataDir })).not.toThrow()
  fs.rmSync(path.join(dataDir, 'master.key'))
})

test('https without a trusted proxy is allowed, and said', () => {
  expect(cautions({ ...open, trustedProxies: [] })).toEqual([expect.stringContaining('--trusted-proxy')])
  expect(cautions(open)).toEqual([])
  expect(cautions({})).toEqual([])
})

test.each([
  [remote, true],
  ['postgres://me@10.0.0.5:5433/x', true],
  ['postgres://me@localhost/x', false],
  ['postgres://me@[::1]/x', false],
  ['postgres://me:p@/x?host=/run/postgresql', false],
  ['postgres:///x?host=db.example.com', true],
])('%s is on another machine: %s', (url, expected) => expect(isElsewhere(url)).toBe(expected))
