import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres/server.js'
import { until } from './deploy.js'
import { ask, endPrograms, freePort, manifestOf, type Program, startProvider, startServer } from './server-process.js'
import { isSettled, type Scene, whatIsWrong } from './whole.js'

// A database that somebody else runs goes away for a while, as in a restart or a failover, and comes back.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-outage-'))
fs.chmodSync(scratch, 0o711)
const apiKey = randomBytes(16).toString('hex')
const password = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
/** Longer than a question, the beat of a process, and most pauses between tries. */
const awayMs = 15_000

let database: PostgresServer
let servers: Program[]
let scene: Scene
let workerPort: number

beforeAll(async () => {
  database = await startPostgres({ dir: path.join(scratch, 'postgres') })
  await createDatabase(database, 'mortise')
  const env = {
    MORTISE_DATABASE_URL: database.url('mortise'),
    MORTISE_MASTER_KEYS: `1:${randomBytes(32).toString('base64')}`,
  }
  const provider = await startProvider({ dir: path.join(scratch, 'provider'), password })
  const port = await freePort()
  workerPort = await freePort()
  const given = { apiKey, patience: 0.2, env }
  servers = [
    await startServer({ ...given, dir: path.join(scratch, 'all'), port }),
    await startServer({ ...given, dir: path.join(scratch, 'worker'), port: workerPort, args: ['--role', 'worker'] }),
  ]
  const providerPort = Number(new URL(provider.readyWith).port)
  scene = { dir: scratch, port, providerPort, headers, apps: ['outage'] }
  const contents = manifestOf(`http://127.0.0.1:${providerPort}`, password)
  const pushed = await ask(port, 'POST', '/api/v3/addons/fast-db/manifests', { headers, body: { contents } })
  await ask(providerPort, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  expect((await ask(port, 'POST', '/apps', { headers, body: { name: 'outage' } })).status).toBe(201)
}, 600_000)

afterAll(async () => {
  await endPrograms()
  await database?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

test('while it is away requests are told when to come back; then everything goes on by itself', async () => {
  const orders = ['a', 'b', 'c', 'd'].map((name) =>
    ask(scene.port, 'POST', '/apps/outage/addons', {
      headers,
      body: { name: `outage-${name}`, plan: 'fast-db:slow', attachment: { name } },
    }).catch(() => null),
  )
  await sleep(150)
  await database.stop()
  const from = Date.now()
  let told = 0
  while (Date.now() - from < awayMs) {
    const answer = await ask(scene.port, 'GET', '/apps', { headers })
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5'])
    expect(answer.body).toEqual({
      id: 'service_unavailable',
      message: expect.stringContaining("can't reach its database"),
    })
    for (const port of [scene.port, workerPort]) expect((await ask(port, 'GET', '/health')).status).toBe(503)
    told++
    await sleep(500)
  }
  expect(told).toBeGreaterThan(0)
  database = await startPostgres({ dir: path.join(scratch, 'postgres') })
  await until(300, async () => (await ask(scene.port, 'GET', '/apps', { headers })).status === 200)
  await Promise.all(orders)
  await until(300, () => isSettled(scene))
  expect(await whatIsWrong(scene)).toEqual([])
  const made = await ask(scene.port, 'POST', '/apps/outage/addons', { headers, body: { plan: 'fast-db:small' } })
  expect([made.status, made.body.state]).toEqual([201, 'provisioned'])
  // Nobody had to be started again, and each is known to be alive.
  const wanted = servers.map(({ pid }) => `${pid} alive`).sort()
  await until(300, async () => {
    const { body } = await ask(scene.port, 'GET', '/workers', { headers })
    const found = body.map(({ pid, state }: { pid: number; state: string }) => `${pid} ${state}`).sort()
    return found.join() === wanted.join()
  })
}, 1_200_000)
