import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  ask,
  endPrograms,
  freePort,
  lookInto,
  manifestOf,
  type Program,
  postgresPid,
  startProvider,
  startServer,
} from './server-process.js'
import { isSettled, providerState, type Scene, whatIsOpen, whatIsWrong } from './whole.js'

// Real processes, ended by SIGKILL: the server with its database, a provider, the database alone. Afterwards is counted.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-kill-'))
fs.chmodSync(scratch, 0o711)
const apiKey = randomBytes(16).toString('hex')
const password = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
/** Waits for providers are a tenth of what is promised: an answer has 2.4 s, and doubt is asked again after 0.5 s, 3 s, 12 s. */
const patience = 0.1
/** For machines at a tenth of the speed: what takes longer than these hangs. */
const [settledMsMax, answeredMsMax, testMsMax] = [300_000, 300_000, 900_000]

afterAll(async () => {
  await endPrograms()
  fs.rmSync(scratch, { recursive: true, force: true })
})

/** Chance from a seed, so that a run that failed can be looked at again. */
function chanceOf(seed: number): () => number {
  let drawn = seed
  return () => {
    drawn = (drawn * 16_807) % 2_147_483_647
    return drawn / 2_147_483_647
  }
}

interface Stage extends Scene {
  provider: Program
  server: Program
  start(): Promise<void>
  /** Asks until there is an answer: a connection that broke, or a 5xx, says nothing about what was done. */
  insist(method: string, address: string, body?: unknown): Promise<Answer>
}

async function openStage(name: string, apps: readonly string[]): Promise<Stage> {
  const dir = path.join(scratch, name)
  const port = await freePort()
  const provider = await startProvider({ dir: path.join(scratch, `${name}-provider`), password })
  const providerPort = Number(new URL(provider.readyWith).port)
  const start = () => startServer({ dir, port, apiKey, patience, env: { MORTISE_MASTER_KEYS: '' } })
  const stage: Stage = {
    dir,
    port,
    providerPort,
    headers,
    apps,
    provider,
    server: await start(),
    async start() {
      stage.server = await start()
    },
    async insist(method, address, body) {
      for (const until = Date.now() + answeredMsMax; Date.now() < until; await sleep(100)) {
        try {
          const answer = await ask(port, method, address, { headers, body })
          if (answer.status !== 500 && answer.headers['retry-after'] === undefined) return answer
        } catch {
          // Away: it is started anew by whoever killed it.
        }
      }
      throw new Error(`${method} ${address} was never answered`)
    },
  }
  const contents = manifestOf(`http://127.0.0.1:${providerPort}`, password)
  const pushed = await ask(port, 'POST', '/api/v3/addons/fast-db/manifests', { headers, body: { contents } })
  expect(pushed.status).toBe(201)
  await ask(providerPort, 'POST', '/admin/secret', { body: { client_secret: pushed.body.client_secret } })
  for (const app of apps) expect((await stage.insist('POST', '/apps', { name: app })).status).toBe(201)
  return stage
}

async function settle(stage: Stage): Promise<void> {
  const until = Date.now() + settledMsMax
  while (!(await isSettled(stage))) {
    if (Date.now() > until) throw new Error(`still under way: ${JSON.stringify(await whatIsOpen(stage), null, 1)}`)
    await sleep(250)
  }
}

interface Told {
  name: string
  id: string
  /** What the customer was told at the end: it is there or will be, or it was removed. */
  end: 'there' | 'removed'
}

/** One customer: orders an add-on, asks again by its name when the connection breaks, and removes every third. */
async function customer(stage: Stage, number: number): Promise<Told> {
  const app = stage.apps[number % stage.apps.length]
  const name = `kill-${String(number).padStart(2, '0')}`
  const plan = number % 4 === 3 ? 'fast-db:slow' : 'fast-db:small'
  const order = { name, plan, attachment: { name: `DB_${number}` } }
  let id = ''
  while (id === '') {
    try {
      const made = await ask(stage.port, 'POST', `/apps/${app}/addons`, { headers, body: order })
      if (made.status === 201 || made.status === 202) id = made.body.id
      else if (made.status < 500) throw new Error(`${name} was refused: ${JSON.stringify(made.body)}`)
    } catch (error) {
      if (/was refused/.test(String(error))) throw error
      // No answer: perhaps it was ordered, perhaps not. Looked up below, and ordered again if it was not.
    }
    if (id === '') {
      const found = await stage.insist('GET', `/apps/${app}/addons/${name}`)
      if (found.status === 200) id = found.body.id
    }
  }
  if (number % 3 !== 0) return { name, id, end: 'there' }
  const removed = await stage.insist('DELETE', `/apps/${app}/addons/${id}`)
  // 404: an earlier DELETE whose answer was lost. 422: still being created is no reason, so nothing else is expected.
  expect([200, 202, 404], JSON.stringify(removed.body)).toContain(removed.status)
  return { name, id, end: 'removed' }
}

describe('SIGKILL of the server', () => {
  const seed = 5_055
  const orders = 40
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage('server', ['kill-a', 'kill-b', 'kill-c', 'kill-d'])
  }, testMsMax)

  test(
    `at random moments loses nothing that was acknowledged, and leaves no orphan (seed ${seed})`,
    async () => {
      const chance = chanceOf(seed)
      let customersLeft = orders
      const customers = Promise.all(
        Array.from({ length: orders }, async (_, number) => {
          await sleep(number * 150 * (0.5 + chance()))
          const told = await customer(stage, number)
          customersLeft--
          return told
        }),
      )
      let kills = 0
      while (customersLeft > 0 && kills < 6) {
        await sleep(300 + chance() * 1_200)
        // Every other one between a question and its answer: on a slow machine chance alone may miss them all.
        if (kills % 2 === 0) await isAsking(() => customersLeft > 0)
        stage.server.kill('SIGKILL')
        await stage.server.exited
        kills++
        await stage.start()
      }
      const told = await customers
      await settle(stage)

      expect(kills).toBeGreaterThan(2)
      let provisioned = 0
      for (const { name, id, end } of told) {
        const { status, body } = await stage.insist('GET', `/addons/${id}`)
        const state = status === 404 ? 'deprovisioned' : body.state
        if (end === 'removed') expect(state, name).toBe('deprovisioned')
        else if (state === 'provisioned') provisioned++
        // Cut off in each of its tries: given up, and readable with the reason.
        else
          expect([state, body.provision_message], name).toEqual(['deprovisioned', expect.stringMatching(/\w{3,} \w/)])
      }
      expect(provisioned).toBeGreaterThan(told.filter(({ end }) => end === 'there').length / 2)
      expect(await whatIsWrong(stage)).toEqual([])
      // The kills came between question and answer, or this would prove nothing.
      const [cut] = await lookInto<{ attempts: number; operations: number }>(
        stage.dir,
        `select (select count(*)::int from attempts where note like 'we stopped between%') as attempts,
        (select count(*)::int from operations where epoch > 1) as operations`,
      )
      expect(cut?.attempts).toBeGreaterThan(0)
      expect(cut?.operations).toBeGreaterThan(kills)
    },
    testMsMax,
  )

  /** Waits until the provider has a question in hand, as long as somebody may ask. */
  async function isAsking(mayAsk: () => boolean): Promise<void> {
    while (mayAsk() && (await providerState(stage.providerPort)).inHand === 0) await sleep(5)
  }

  test('an orphan would be found, and so would a lost resource', async () => {
    const authorization = `Basic ${Buffer.from(`fast-db:${password}`).toString('base64')}`
    const uuid = '00000000-0000-4000-8000-000000000001'
    const resources = '/heroku/resources'
    await ask(stage.providerPort, 'POST', resources, { headers: { authorization }, body: { uuid, plan: 'small' } })
    expect(await whatIsWrong(stage)).toEqual([`the provider has ${uuid}, an orphan`])
    await ask(stage.providerPort, 'DELETE', `${resources}/${uuid}`, { headers: { authorization } })
    const [addon] = (await stage.insist('GET', '/addons')).body as { id: string; name: string }[]
    await ask(stage.providerPort, 'DELETE', `${resources}/${addon?.id}`, { headers: { authorization } })
    expect(await whatIsWrong(stage)).toContain(`${addon?.name} is provisioned, and the provider has no such resource`)
  })
})

describe('SIGKILL of what the server stands on', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage('ground', ['ground-a', 'ground-b'])
  }, testMsMax)

  test(
    'a provider that is gone is a 503 for who comes, and made good for who was there',
    async () => {
      const orders = Array.from({ length: 6 }, (_, number) => customer(stage, number))
      await sleep(250)
      stage.provider.kill('SIGKILL')
      await stage.provider.exited
      // On a machine that is busy the tries outlast the customer's wait; then the order is taken, and settled by itself.
      let refused: Answer | undefined
      for (let number = 0; refused?.status !== 503 && number < 10; number++) {
        refused = await stage.insist('POST', '/apps/ground-a/addons', {
          plan: 'fast-db',
          name: `nobody-there-${number}`,
        })
        expect([202, 503]).toContain(refused.status)
      }
      expect(refused?.body).toEqual({
        id: 'provider_unreachable',
        message: expect.stringMatching(/could not reach fast-db.*nothing was created/i),
      })
      const dir = path.join(scratch, 'ground-provider')
      stage.provider = await startProvider({ dir, password, port: stage.providerPort, seed: 7 })
      await Promise.all(orders)
      await settle(stage)
      expect(await whatIsWrong(stage)).toEqual([])
    },
    testMsMax,
  )

  test(
    'a database that is gone is a 503, the server lives on, and everything is made good',
    async () => {
      const before = stage.server.pid
      const { counts } = await providerState(stage.providerPort)
      const orders = Array.from({ length: 6 }, (_, number) => customer(stage, number + 10))
      await sleep(250)
      const seen = new Set<number>()
      let postgres = 0
      // It may be back before anybody asked: then once more.
      for (let times = 0; times < 5 && !seen.has(503); times++) {
        postgres = postgresPid(stage.dir)
        process.kill(postgres, 'SIGKILL')
        const until = Date.now() + answeredMsMax
        for (let isBack = false; !isBack; await sleep(20)) {
          expect(Date.now()).toBeLessThan(until)
          const { status, body } = await ask(stage.port, 'GET', '/apps', { headers })
          seen.add(status)
          if (status !== 200) expect(body).toEqual({ id: 'service_unavailable', message: expect.any(String) })
          isBack = status === 200 && hasAnother(postgres)
        }
      }
      expect([...seen].sort()).toEqual([200, 503])
      await Promise.all(orders)
      await settle(stage)
      expect(await whatIsWrong(stage)).toEqual([])
      expect(stage.server.pid).toBe(before)
      expect(postgresPid(stage.dir)).not.toBe(postgres)
      expect((await providerState(stage.providerPort)).counts.made).toBeGreaterThan(counts.made)
      stage.server.kill('SIGTERM')
      expect(await stage.server.exited).toBe(0)
    },
    testMsMax,
  )

  /** Whether another postmaster has taken the place of the one that was killed; while it starts there may be none. */
  function hasAnother(than: number): boolean {
    try {
      return postgresPid(stage.dir) !== than
    } catch {
      return false
    }
  }
})
