import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBearer } from '../accounts/token-store.js'
import { openDb } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { tokenHash } from '../secrets/tokens.js'
import { type House, testHouse } from '../start/test-house.js'
import { heldRights } from './held-rights.js'

let house: House<'ann' | 'bob' | 'cat'>
let port: number
beforeAll(async () => {
  house = await testHouse(['ann', 'bob', 'cat'])
  await house.server.listen({ port: 0, host: '127.0.0.1' })
  port = (house.server.server.address() as AddressInfo).port
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  house.server.server.closeAllConnections()
  await house.end()
})

const must = async (...asked: Parameters<typeof house.ask>) => {
  const answer = await house.ask(...asked)
  if (answer.status >= 300) throw new Error(`${asked[1]} ${asked[2]}: ${answer.status} ${answer.text}`)
  return answer.body
}
let number = 0
/** An app of ann's team on which bob is a collaborator, with a token that only this test uses. */
async function setting(permissions: string[] = ['view', 'operate']) {
  const name = `watched-${++number}`
  await must('ann', 'POST', '/teams', { name: `team-${number}` })
  const app = await must('ann', 'POST', '/teams/apps', { name, team: `team-${number}` })
  await must('ann', 'POST', `/apps/${name}/collaborators`, { user: 'bob@example.com', permissions })
  const made = await must('bob', 'POST', '/oauth/authorizations', { description: name, expires_in: 3600 })
  const bearer = (await findBearer(house.db, tokenHash(made.access_token.token), house.world.now()))!
  const asker: Asker = {
    ...bearer,
    account: bearer.account!,
    tokenId: bearer.id,
    tokenDigest: bearer.digest,
    via: 'bearer',
    sudo: false,
  }
  return { name, app, asker, authorization: made.id, token: made.access_token.token as string }
}

describe('a right that is held', () => {
  const ends: Record<string, (at: Awaited<ReturnType<typeof setting>>) => Promise<unknown>> = {
    'the token is revoked': ({ authorization }) => must('bob', 'DELETE', `/oauth/authorizations/${authorization}`),
    'the token is renewed': ({ authorization }) =>
      must('bob', 'POST', `/oauth/authorizations/${authorization}/actions/regenerate-tokens`),
    'the token is revoked by its own id': ({ authorization }) =>
      must('bob', 'DELETE', `/oauth/tokens/${authorization}`),
    'the client that it was made for is removed': async ({ authorization }) => {
      const { id, secret } = await must('ann', 'POST', '/oauth/clients', {
        name: 'c',
        redirect_uri: 'https://a.example/',
      })
      await must('bob', 'PATCH', `/oauth/authorizations/${authorization}`, { client: { id, secret } })
      await must('ann', 'DELETE', `/oauth/clients/${id}`)
    },
    'the token runs out': async () => {
      house.clock.aheadMs += 3_601_000
    },
    'the collaborator is removed': ({ name }) => must('ann', 'DELETE', `/apps/${name}/collaborators/bob@example.com`),
    'the permission is taken away': ({ name }) =>
      must('ann', 'PATCH', `/teams/apps/${name}/collaborators/bob@example.com`, { permissions: ['view'] }),
    'the app changes its owner': async ({ name }) => {
      await must('ann', 'PATCH', `/teams/apps/${name}`, { owner: 'ann@example.com' })
    },
    'the app is destroyed': ({ name }) => must('ann', 'DELETE', `/apps/${name}`),
  }

  test.each(Object.keys(ends))('ends when %s, and not before', async (name) => {
    const at = await setting()
    const rights = heldRights({ db: house.db, world: house.world, lookMs: 20 })
    const held = { asker: at.asker, appId: at.app.id, right: 'operate' as const }
    expect(await rights.lasts(held)).toBe(true)
    let ended = 0
    rights.hold(held, () => void ended++)
    await new Promise((done) => setTimeout(done, 150))
    expect(ended).toBe(0)
    await ends[name]?.(at)
    await expect.poll(() => ended).toBe(1)
    expect(await rights.lasts(held)).toBe(false)
  })

  test('that was let go is not ended, and a database that is silent ends nothing', async () => {
    const at = await setting()
    const held = { asker: at.asker, appId: at.app.id, right: 'view' as const }
    let ended = 0
    const rights = heldRights({ db: house.db, world: house.world, lookMs: 20 })
    rights.hold(held, () => void ended++)()
    const silent = openDb('postgres://nobody@127.0.0.1:1/nothing')
    heldRights({ db: silent.db, world: house.world, lookMs: 20 }).hold(held, () => void ended++)
    await must('bob', 'DELETE', `/oauth/authorizations/${at.authorization}`)
    await new Promise((done) => setTimeout(done, 200))
    expect(ended).toBe(0)
    await silent.close()
  })
})

/** Reads a stream until it ends; `began` resolves with its status. */
function read(url: string) {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const began = new Promise<number>((resolve, reject) => {
    const { pathname } = new URL(url)
    http
      .get({ port, host: '127.0.0.1', path: pathname, headers: { host: 'localhost:5055' } }, (answer) => {
        answer.resume().once('end', end)
        resolve(answer.statusCode ?? 0)
      })
      .on('error', reject)
  })
  return { began, ended }
}

test("a log's address is good while its owner may read it, and an open tail ends with that", async () => {
  const at = await setting(['view'])
  const session = () =>
    house.ask(null, 'POST', `/apps/${at.name}/log-sessions`, { tail: true }, { authorization: `Bearer ${at.token}` })
  const { logplex_url } = (await session()).body
  const tail = read(logplex_url)
  expect(await tail.began).toBe(200)
  const quiet = await Promise.race([
    tail.ended.then(() => 'ended'),
    new Promise((done) => setTimeout(done, 300, 'open')),
  ])
  expect(quiet).toBe('open')
  await must('ann', 'DELETE', `/apps/${at.name}/collaborators/bob@example.com`)
  await tail.ended
  // Also for whoever kept the address.
  expect(await read(logplex_url).began).toBe(404)
  expect((await session()).status).toBe(404)
}, 20_000)
