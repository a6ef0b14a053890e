import { WireError } from '@mortise/contract/errors'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LyingProvider, lyingProvider } from '../../test/lying-provider.js'
import { addonById } from '../addons/store.js'
import { pushManifest } from '../catalog/push.js'
import { findPlan } from '../catalog/store.js'
import { rows, sql } from '../db/db.js'
import type { OutboundAnswer } from '../http/outbound.js'
import { isSick } from '../partner/answers.js'
import { createGate, sendAhead, standardGate } from '../partner/gate.js'
import { nextProvisionTry } from './patience.js'
import { lifecycleReconcilers } from './stories.js'
import { allAddons, type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'
import { changePlan } from './upgrade-addon.js'

let t: TestLifecycle
beforeEach(async () => {
  t = await testLifecycle()
})
afterEach(() => t.stop())

const silent: OutboundAnswer = { got: 'silence', reason: 'no answer within 25 s' }
const well: OutboundAnswer = { got: 'answer', status: 201, headers: {}, body: '{}', cut: false }
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const serviceId = async () => (await findPlan(t.db, 'fast-db:small'))?.serviceId ?? ''
const circuit = async () =>
  (
    await rows<{ state: string; failures: number; opens: number; retryAt: Date | null }>(
      t.db,
      sql`select state, failures, opens, retry_at as "retryAt" from provider_circuits`,
    )
  )[0]

describe('a circuit', () => {
  /** Asks `times` times about different resources. @returns how many questions went out */
  async function ask(answer: OutboundAnswer, times: number, gate = createGate({ db: t.db, world: t.world })) {
    let sent = 0
    const service = await serviceId()
    for (let n = 0; n < times; n++)
      await gate.pass({ serviceId: service, addonId: uuid(n) }, async () => {
        sent++
        return answer
      })
    return sent
  }

  test('opens after so many failures in a row, for all processes; then nothing is sent', async () => {
    expect(await ask(silent, standardGate.failuresMax + 3)).toBe(standardGate.failuresMax)
    // Another process learns it without asking.
    expect(await ask(well, 3, createGate({ db: t.db, world: t.world }))).toBe(0)
    expect(await circuit()).toMatchObject({ state: 'open', opens: 1 })
  })

  test('lets one probe through when its pause is over; that one closes it, or opens it for longer', async () => {
    await ask(silent, standardGate.failuresMax)
    const pauses: number[] = []
    for (let probe = 0; probe < 6; probe++) {
      const pause = ((await circuit())?.retryAt?.getTime() ?? 0) - t.world.now().getTime()
      pauses.push(Math.round(pause / 1000))
      t.advance(pause + 1)
      expect(await ask(silent, 4)).toBe(1)
    }
    expect(pauses[0]).toBeGreaterThanOrEqual(3)
    expect(pauses.at(-1)).toBeGreaterThan(30)
    // Spread, but never so long that recovery goes unnoticed for more than a minute.
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60)
    t.advance(60_000)
    expect(await ask(well, 4)).toBe(4)
    expect(await circuit()).toMatchObject({ state: 'closed', failures: 0, opens: 0 })
  })

  test('of two processes one has the probe', async () => {
    await ask(silent, standardGate.failuresMax)
    t.advance(60_000)
    const service = await serviceId()
    let sent = 0
    let probed = (): void => undefined
    const others = new Promise<void>((done) => {
      probed = done
    })
    const process = () =>
      createGate({ db: t.db, world: t.world }).pass({ serviceId: service, addonId: uuid(9) }, async () => {
        sent++
        await others
        return well
      })
    // The probe is not answered before the others were told that they may not.
    let refused = 0
    await Promise.all(
      [process(), process(), process()].map(async (asking) => {
        if ((await asking).got === 'not sent' && ++refused === 2) probed()
      }),
    )
    expect(sent).toBe(1)
  })

  test('one resource that the provider always fails on says nothing of the others', async () => {
    const service = await serviceId()
    const gate = createGate({ db: t.db, world: t.world })
    for (let n = 0; n < 20; n++) await gate.pass({ serviceId: service, addonId: uuid(1) }, async () => silent)
    expect(await circuit()).toMatchObject({ state: 'closed', failures: 1 })
  })

  test.each([
    [500, '', null],
    [502, '', 'answered 502'],
    [503, '', 'answered 503'],
    [503, '{"message":"closed for today"}', null],
    [429, '', null],
    [422, '{"message":"no"}', null],
    [404, '', null],
  ])('%i %s is a sign of sickness: %s', (status, body, sick) => {
    expect(isSick({ got: 'answer', status, headers: {}, body, cut: false })).toBe(sick)
  })

  test('only so many questions are under way at one provider', async () => {
    const gate = createGate({ db: t.db, world: t.world }, { ...standardGate, questionsAtOnceMax: 2, turnMsMax: 60_000 })
    const service = await serviceId()
    let now = 0
    let most = 0
    const one = (n: number) =>
      gate.pass({ serviceId: service, addonId: uuid(n) }, async () => {
        most = Math.max(most, ++now)
        await new Promise((done) => setTimeout(done, 20))
        now--
        return well
      })
    expect((await Promise.all(Array.from({ length: 7 }, (_, n) => one(n)))).every(({ got }) => got === 'answer')).toBe(
      true,
    )
    expect(most).toBe(2)
  })

  test('what gets no turn in time was not sent', async () => {
    const gate = createGate({ db: t.db, world: t.world }, { ...standardGate, questionsAtOnceMax: 1 })
    const to = { serviceId: await serviceId(), addonId: uuid(1) }
    let release = (): void => undefined
    let begun = (): void => undefined
    const isUnderWay = new Promise<void>((done) => {
      begun = done
    })
    const first = gate.pass(to, () => {
      begun()
      return new Promise((done) => {
        release = () => done(well)
      })
    })
    await isUnderWay
    expect(await gate.pass(to, async () => well)).toMatchObject({ got: 'not sent' })
    release()
    expect((await first).got).toBe('answer')
    expect((await gate.pass(to, async () => well)).got).toBe('answer')
  })
})

test('while the circuit is open a customer is told at once, and nothing is created', async () => {
  const app = await t.newApp()
  const gate = createGate({ db: t.db, world: t.world })
  const service = await serviceId()
  for (let n = 0; n < standardGate.failuresMax; n++)
    await gate.pass({ serviceId: service, addonId: uuid(n) }, async () => silent)
  // Nobody may probe yet, however quickly waits pass here.
  await sql`update provider_circuits set retry_at = retry_at + interval '1 hour'`.execute(t.db)
  const error = await t.create(app).catch((found: unknown) => found)
  expect(error).toBeInstanceOf(WireError)
  expect((error as WireError).status).toBe(503)
  expect((error as WireError).message).toMatch(/Could not reach fast-db; nothing was created/)
  expect(t.provider.received).toEqual([])
  expect(await whatIsWrong(t)).toEqual([])
})

describe('two providers, one of them sick', () => {
  let other: LyingProvider
  beforeEach(async () => {
    other = await lyingProvider('another-password-0123456789', 'good-db')
    await pushManifest(
      { db: t.db, world: t.world, secrets: t.secrets, installation: { localhost: true } },
      { id: t.actor.id, isOperator: true },
      'good-db',
      {
        ...t.manifest,
        id: 'good-db',
        api: {
          ...t.manifest.api,
          password: 'another-password-0123456789',
          config_vars: ['GOOD_DB_URL'],
          production: { base_url: `${other.url}/heroku/resources`, sso_url: `${other.url}/sso` },
        },
      },
    )
    other.config = { GOOD_DB_URL: 'good://x' }
  })
  afterEach(() => other.stop())

  test('the background takes up only so many of one at a time, so the other is never behind all of them', async () => {
    const app = await t.newApp()
    const made = []
    for (let n = 0; n < 8; n++) made.push(await t.create(app))
    const good = await t.create(app, { plan: 'good-db:small' })
    t.provider.lie('DELETE', ...made.map(() => ({ status: 500 })))
    other.lie('DELETE', { status: 500 })
    for (const { id } of made) await t.remove(id)
    await t.remove(good.id)
    t.advance(10_000)
    // Every question to the sick one takes its time now; the good one is due last.
    await sql`update operations set next_at = next_at + interval '1 second' where subject = ${good.id}`.execute(t.db)
    t.advance(5_000)
    let asked = 0
    let answer = (): void => undefined
    const held = new Promise<void>((done) => {
      answer = done
    })
    t.provider.onRequest = () => {
      asked++
      return held
    }
    // As many lanes as there are removals of the sick one: without a bound they would take all of them.
    const lanes = Array.from({ length: 8 }, () => t.life.deps.engine().workOne())
    await expect.poll(async () => (await addonById(t.db, good.id))?.state, { timeout: 15_000 }).toBe('deprovisioned')
    expect(asked).toBeLessThanOrEqual(4)
    answer()
    await Promise.all(lanes)
  }, 60_000)
})

describe('while a circuit may be probed again and nobody has', () => {
  async function openCircuit(): Promise<void> {
    const gate = createGate({ db: t.db, world: t.world })
    const service = await serviceId()
    for (let n = 0; n < standardGate.failuresMax; n++)
      await gate.pass({ serviceId: service, addonId: uuid(n) }, async () => silent)
    t.advance(60_000)
  }
  const dueOperations = () =>
    rows<{ saga: string }>(
      t.db,
      sql`select saga from operations where ended_at is null and next_at <= ${t.world.now()}`,
    )

  test('what really asks is sent ahead, and an order in doubt keeps its own pace', async () => {
    const app = await t.newApp()
    const [first, second] = [await t.create(app), await t.create(app)]
    t.provider.lie('DELETE', { status: 500 }, { status: 500 })
    await t.remove(first.id)
    await t.remove(second.id)
    t.provider.lie('POST', { acts: true, hangUp: true })
    // The newest of all: it was woken again and again, looked at its record, and went back to sleep.
    const inDoubt = await t.create(app)
    expect(inDoubt.state).toBe('provisioning')
    await openCircuit()
    await sql`update operations set next_at = ${new Date(t.world.now().getTime() + 600_000)} where ended_at is null`.execute(
      t.db,
    )
    const circuits = lifecycleReconcilers(t.life.deps).find(({ name }) => name === 'circuits')
    expect(await circuits?.pass()).toBe(false)
    // One of the two removals; the other one waits until the first has asked, and no look follows at once.
    expect((await dueOperations()).map(({ saga }) => saga)).toEqual(['addon.deprovision'])
  })
})

describe('an order in doubt at a provider that was sick', () => {
  const service = async () => ({ serviceId: await serviceId(), addonId: uuid(99) })
  const gate = () => createGate({ db: t.db, world: t.world })
  const posts = () => t.provider.received.filter(({ method }) => method === 'POST')
  const openOperations = async () =>
    new Map(
      (
        await rows<{ saga: string; nextAt: Date }>(
          t.db,
          sql`select saga, next_at as "nextAt" from operations where ended_at is null`,
        )
      ).map(({ saga, nextAt }) => [saga, nextAt.getTime()]),
    )
  async function fail(times: number): Promise<void> {
    for (let n = 0; n < times; n++)
      await gate().pass({ serviceId: await serviceId(), addonId: uuid(n) }, async () => silent)
  }
  /** All that is open is due so much later. */
  async function postpone(ms: number): Promise<number> {
    const at = t.world.now().getTime() + ms
    await sql`update operations set next_at = ${new Date(at)} where ended_at is null`.execute(t.db)
    return at
  }

  test('keeps its pace and its tries when the circuit closes; a removal and a plan that waited are due at once', async () => {
    const app = await t.newApp()
    const [gone, kept] = [await t.create(app), await t.create(app)]
    const [current, plan] = [await addonById(t.db, kept.id), await findPlan(t.db, 'fast-db:large')]
    if (!current || !plan) throw new Error('no add-on')
    t.provider.lie('DELETE', { hangUp: true })
    await t.remove(gone.id)
    t.provider.lie('PUT', { hangUp: true })
    await changePlan(t.life.deps, t.life.stories.changePlan, { addon: current, plan, actor: t.actor })
    t.provider.lie('POST', { acts: true, hangUp: true })
    const inDoubt = await t.create(app)
    await fail(standardGate.failuresMax)
    expect(await circuit()).toMatchObject({ state: 'open' })
    t.advance(60_000)
    const due = await postpone(100_000)
    const asked = posts().length

    await gate().pass(await service(), async () => well)
    expect(await circuit()).toMatchObject({ state: 'closed' })
    const open = await openOperations()
    expect(open.get('addon.provision')).toBe(due)
    expect(open.get('addon.deprovision')).toBeLessThanOrEqual(t.world.now().getTime())
    expect(open.get('addon.change-plan')).toBeLessThanOrEqual(t.world.now().getTime())
    await t.work()
    expect([...(await openOperations()).keys()]).toEqual(['addon.provision'])
    expect(posts()).toHaveLength(asked)

    t.advance(100_001)
    await t.work()
    expect(posts()).toHaveLength(asked + 1)
    expect(new Set(posts().slice(-2).map(({ body }) => body?.uuid))).toEqual(new Set([inDoubt.id]))
    expect((await addonById(t.db, inDoubt.id))?.state).toBe('provisioned')
    expect([...t.provider.resources.keys()].sort()).toEqual([kept.id, inDoubt.id].sort())
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('is not sent ahead as the probe; when its own time comes it is one, and closes the circuit', async () => {
    t.provider.lie('POST', { acts: true, hangUp: true })
    const inDoubt = await t.create(await t.newApp())
    await fail(standardGate.failuresMax)
    t.advance(60_000)
    const due = await postpone(100_000)
    const asked = posts().length
    expect(await sendAhead({ db: t.db, world: t.world })).toBe(0)
    await t.work()
    expect([(await openOperations()).get('addon.provision'), posts().length]).toEqual([due, asked])
    expect(await circuit()).toMatchObject({ state: 'open' })
    t.advance(100_001)
    await t.work()
    expect(await circuit()).toMatchObject({ state: 'closed', failures: 0 })
    expect((await addonById(t.db, inDoubt.id))?.state).toBe('provisioned')
    expect(t.provider.resources.size).toBe(1)
    expect(await whatIsWrong(t)).toEqual([])
  })

  test('that ends in doubt while nothing may be sent is owed, and removed as soon as the circuit closes', async () => {
    t.provider.lie('POST', { acts: true, hangUp: true })
    const inDoubt = await t.create(await t.newApp())
    await fail(standardGate.failuresMax)
    // Each pause is over when its probe fails again.
    for (let tries = 0; tries < 4; tries++) {
      t.advance(135_000)
      t.provider.lie('POST', { hangUp: true })
      t.provider.lie('DELETE', { hangUp: true })
      await t.work()
    }
    expect((await addonById(t.db, inDoubt.id))?.state).toBe('deprovisioned')
    expect(await t.debt(inDoubt.id)).toMatchObject({ state: 'owed', wasDoubtful: true })
    expect(t.provider.resources.size).toBe(1)
    t.provider.repent()
    t.advance(60_000)
    await sql`update debts set next_at = ${new Date(t.world.now().getTime() + 3_000_000)}`.execute(t.db)
    await gate().pass(await service(), async () => well)
    await t.work()
    expect(t.provider.resources.size).toBe(0)
    expect((await t.debt(inDoubt.id))?.state).toBe('watching')
    expect(await whatIsWrong(t)).toEqual([])
  })
})

describe('after an ordinary fault everything settles within two minutes', () => {
  /** The reconcilers as they run, one look every few seconds of the clock. */
  async function pass(ms: number, stepMs = 5_000): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      t.advance(stepMs)
      await sendAhead({ db: t.db, world: t.world })
      await t.work()
    }
  }
  const unsettled = () =>
    rows(
      t.db,
      sql`select 'operation ' || saga || ' ' || state as what from operations where ended_at is null
      union all select 'debt ' || state from debts where state in ('asked', 'owed', 'stuck')`,
    )

  for (const downMs of [10_000, 45_000, 200_000, 5 * 3_600_000]) {
    test(`a provider that is silent for ${downMs / 1000} s`, async () => {
      const app = await t.newApp()
      const kept = await t.create(app)
      const removed = await t.create(app)
      const also = await t.create(app)
      const plan = await findPlan(t.db, 'fast-db:large')
      const current = await addonById(t.db, kept.id)
      if (!plan || !current) throw new Error('no plan')
      let isDown = true
      const down = { hangUp: true } as const
      t.provider.onRequest = ({ method }) => {
        if (isDown) t.provider.lie(method as 'POST', down)
      }
      // One is acted on and never answered: the usual way to lose a database.
      t.provider.lie('POST', { acts: true, hangUp: true })
      await t.create(app)
      await t.remove(removed.id)
      await t.remove(also.id)
      await changePlan(t.life.deps, t.life.stories.changePlan, { addon: current, plan, actor: t.actor })
      await pass(downMs, Math.max(5_000, downMs / 30))
      expect((await unsettled()).length).toBeGreaterThan(0)
      isDown = false
      t.provider.repent()
      await pass(120_000)
      expect(await unsettled()).toEqual([])
      expect((await addonById(t.db, kept.id))?.planName).toBe('fast-db:large')
      const live = (await allAddons(t.db)).filter(({ state }) => state === 'provisioned').map(({ id }) => id)
      expect([...t.provider.resources.keys()].sort()).toEqual(live.sort())
      expect(await whatIsWrong(t)).toEqual([])
    }, 90_000)
  }
})

describe('in doubt, and then out of reach', () => {
  const at = new Date('2026-11-23T00:00:00Z')
  const attempt = (number: number, kind: string) => ({
    number,
    sentAt: at,
    answeredAt: at,
    class: kind,
    status: null,
    message: null,
    note: null,
    retryAfterMs: null,
  })
  test('goes on at the pace of doubt, and never says that nothing was created', () => {
    const next = (...kinds: string[]) =>
      nextProvisionTry(
        kinds.map((kind, n) => attempt(n + 1, kind)),
        true,
        at,
      )
    expect(next('not sent')).toMatchObject({ next: 'soon', afterMs: 1_000 })
    expect(next('doubt', 'not sent')).toMatchObject({ next: 'later', afterMs: 30_000 })
    expect(next('not sent', 'doubt')).toMatchObject({ next: 'later', afterMs: 5_000 })
    expect(next('doubt', 'not sent', 'not sent')).toMatchObject({ next: 'later', afterMs: 120_000 })
    expect(next('doubt', 'not sent', 'not sent', 'not sent')).toMatchObject({ next: 'give up', class: 'doubt' })
  })
})
