import { randomUUID } from 'node:crypto'
import { route } from '@mortise/contract/route'
import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { realWorld } from '../world/world.js'
import { type Asker, handle } from './handle.js'
import { proxies } from './proxies.js'
import { createHttpServer } from './server.js'

const where = route({
  method: 'GET',
  path: '/where',
  permission: 'anyone',
  scope: 'read',
  status: 200,
  title: 'Where',
  answer: Type.Any(),
})
const change = route({
  method: 'PATCH',
  path: '/where',
  permission: 'account',
  scope: 'write',
  status: 200,
  title: 'Change',
  answer: Type.Any(),
})

const browser: Asker = {
  account: { id: randomUUID(), email: 'ann@example.com', name: null, isOperator: false },
  addonId: null,
  tokenId: randomUUID(),
  scopes: ['global'],
  via: 'cookie',
  sudo: false,
}

async function asked(
  publicUrl: string | null,
  trusted: string[],
  headers: Record<string, string>,
  method: 'GET' | 'PATCH' = 'GET',
) {
  const server = await createHttpServer({
    world: realWorld,
    handlers: [
      handle(where, async ({ origin, request }) => ({ origin, address: request.caller.address })),
      handle(change, async () => ({})),
    ],
    authenticate: async () => (method === 'PATCH' ? browser : null),
    guard: async () => ({}),
    log: () => undefined,
    onFault: () => undefined,
    publicUrl,
    proxies: proxies(trusted),
  })
  const answer = await server.inject({ method, url: '/where', headers, remoteAddress: '127.0.0.1' })
  await server.close()
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

const passedOn = {
  host: 'proxy.internal',
  'x-forwarded-for': '198.51.100.1',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'shop.example.com',
}

test('absolute addresses come from the address that the operator gave, and from no header', async () => {
  const { body, headers } = await asked('https://mortise.example.com', [], { ...passedOn, host: 'evil.example' })
  expect(body).toEqual({ origin: 'https://mortise.example.com', address: '127.0.0.1' })
  expect(headers['strict-transport-security']).toBe('max-age=31536000')
})

test('where none was given, a trusted proxy tells scheme, host and client, and anybody else does not', async () => {
  expect((await asked(null, ['127.0.0.1'], passedOn)).body).toEqual({
    origin: 'https://shop.example.com',
    address: '198.51.100.1',
  })
  const { body, headers } = await asked(null, [], passedOn)
  expect(body).toEqual({ origin: 'http://proxy.internal', address: '127.0.0.1' })
  expect(headers['strict-transport-security']).toBeUndefined()
})

test('a page of ours may change things by each of our names, and no other page may', async () => {
  const from = (origin: string) =>
    asked('https://mortise.example.com', [], { host: 'localhost:5055', origin, 'x-mortise-web': '1' }, 'PATCH')
  expect((await from('https://mortise.example.com')).status).toBe(200)
  expect((await from('http://localhost:5055')).status).toBe(200)
  expect((await from('https://localhost:5055')).status).toBe(403)
  expect((await from('https://evil.example')).status).toBe(403)
})
