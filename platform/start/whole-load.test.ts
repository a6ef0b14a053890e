import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Builder } from '@mortise/runtime/build/build'
import { archiveOf } from '@mortise/runtime/fixtures/slug'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LyingProvider, lyingProvider } from '../../test/lying-provider.js'
import { writeQuotas } from '../accounts/quota-store.js'
import { findApp } from '../apps/store.js'
import { chargesOf } from '../billing/store.js'
import { pushManifest } from '../catalog/push.js'
import { isPassing, one, rows, sql } from '../db/db.js'
import { type LockOrders, recordLockOrders } from '../db/test-lock-orders.js'
import { allAddons, type TestLifecycle, whatIsWrong } from '../lifecycle/test-lifecycle.js'
import { lookForRings } from '../lifecycle/test-lock-rings.js'
import { findDebt } from '../partner/ledger-store.js'
import { headOf } from '../releases/environment.js'
import { type House, testHouse } from './test-house.js'

// platform/lifecycle/lock-order.test.ts loads the stories; this loads the whole house by its API: teams, quotas at their edge,
// webhooks, set-ups, comparisons, domains, drains and retention besides, with every reconciler at work.
type Person = 'operator' | 'ann' | 'bob' | 'cat'
let house: House<Person>
let dir: string
let provider: LyingProvider
/** Of webhooks and drains. */
let receiver: http.Server
let refusals = 0
let archives: http.Server
let built = 0
let orders: LockOrders

/** Succeeds every other time, at once. */
const builder = {
  async build({ id }: { id: string }) {
    if (built++ % 2) return { outcome: 'failed' as const, message: 'It does not build.' }
    const slugFile = path.join(dir, `${id}.tgz`)
    await writeFile(slugFile, 'a slug')
    const checksum = `SHA256:${'0'.repeat(64)}`
    const processTypes = { web: 'node web.js' }
    return { outcome: 'succeeded' as const, slugFile, sizeBytes: 6, checksum, processTypes, buildpack: 'nodejs' }
  },
  forget: async () => undefined,
} as Builder

const urlOf = (server: http.Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const password = 'provider-password-0123456789'
const plan = (name: string, cents: number) => ({
  name,
  human_name: name,
  description: '',
  price: { cents, unit: 'month' },
  default: cents < 1_000,
  features: [],
})

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mortise-load-'))
  built = 0
  house = await testHouse(['operator', 'ann', 'bob', 'cat'], {}, { builder })
  provider = await lyingProvider(password)
  receiver = http.createServer((request, answer) => {
    request.resume().on('end', () => answer.writeHead(refusals-- > 0 ? 500 : 204).end())
  })
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  const description = { name: 'A sample', env: { COLOUR: 'blue' }, addons: ['fast-db:small', 'fast-db:large'] }
  const archive = await archiveOf(dir, { 'app.json': JSON.stringify(description), 'web.js': '' })
  archives = http.createServer((_, answer) => void createReadStream(archive).pipe(answer))
  await new Promise<void>((done) => archives.listen(0, '127.0.0.1', done))
  const manifest = {
    id: 'fast-db',
    name: 'Fast DB',
    api: {
      version: '3',
      password,
      sso_salt: 'salt-of-the-provider-0123456789',
      regions: ['us'],
      config_vars: ['FAST_DB_URL'],
      requires: ['attachable', 'many_per_app'],
      lists_resources: true,
      production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
    },
    plans: [plan('small', 500), plan('large', 5_000)],
  }
  const { db, world, secrets, people } = house
  orders = await recordLockOrders(house.pool)
  await pushManifest({ db, world, secrets, installation: { localhost: true } }, people.operator, 'fast-db', manifest)
})
afterEach(async () => {
  await house.end()
  await provider.stop()
  receiver.closeAllConnections()
  await new Promise((done) => receiver.close(done))
  archives.closeAllConnections()
  await new Promise((done) => archives.close(done))
  await rm(dir, { recursive: true, force: true })
})

const stormMsMax = 60_000

/** Deadlocks that PostgreSQL broke up in this database. Those who met one say so when they leave. */
async function deadlocks(): Promise<number> {
  await house.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  const others = sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
  await expect.poll(async () => (await one<{ n: number }>(house.db, others)).n).toBe(0)
  const counted = sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`
  return (await one<{ n: number }>(house.db, counted)).n
}

/** Who waits for whom so long that it may be a deadlock, with the statement that waits; for whoever has to find one. */
async function watchWaits(): Promise<() => string[]> {
  const seen = new Set<string>()
  const question = `select pid, pg_blocking_pids(pid)::text as behind, left(regexp_replace(query, '\\s+', ' ', 'g'), 300) as query
    from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and now() - query_start > interval '0.6 s'`
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      for (const { pid, behind, query } of (await house.pool.query(question)).rows)
        seen.add(`${pid} waits behind ${behind}: ${query}`)
      await new Promise((done) => setTimeout(done, 150))
    }
  })()
  void looking.catch(() => undefined)
  return () => {
    isOver = true
    return [...seen]
  }
}

test('whatever everybody does by the API at once, with all that works behind, there is no deadlock and no fault', async () => {
  let drawn = 11
  const below = (most: number) => {
    drawn = (drawn * 16_807) % 2_147_483_647
    return drawn % most
  }
  const pick = <T>(all: readonly T[]): T | undefined => all[below(all.length || 1)]
  const people: Person[] = ['ann', 'bob', 'cat']
  const unexpected: string[] = []
  const told = new Map<string, Map<number, number>>()

  /** Most of the time it is the owner who asks, or nearly all of it would be refused; an admin where that is a team. */
  async function whoMay(url: string, body: object | undefined): Promise<Person | undefined> {
    const app = /^\/(?:teams\/)?apps\/([^/]+)/.exec(url)?.[1] ?? (body as { app?: string } | undefined)?.app
    if (typeof app !== 'string') return undefined
    const question = sql`select o.email from apps a join accounts o on o.id = a.owner_id where a.name = ${app} and a.state = 'live'`
    const [owner] = await rows<{ email: string }>(house.db, question)
    return owner && (people.find((person) => email(person) === owner.email) ?? 'ann')
  }
  async function ask(
    who: Person,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
    as = url,
  ) {
    const by = who === 'operator' || below(4) === 0 ? who : await whoMay(url, body)
    const answer = await house.ask(by ?? who, method, url, body, who === 'operator' ? { 'x-heroku-sudo': 'true' } : {})
    const counts = told.get(`${method} ${as}`) ?? new Map<number, number>()
    told.set(`${method} ${as}`, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1))
    // 503: the provider could not be reached, or its circuit is open. 409: somebody else is at it.
    if (answer.status >= 500 && answer.status !== 503)
      unexpected.push(`${method} ${as}: ${answer.status} ${answer.text}`)
    return answer
  }
  const names = async (question: ReturnType<typeof sql>) =>
    (await rows<{ name: string }>(house.db, question)).map(({ name }) => name)
  const anApp = async () =>
    pick(await names(sql`select name from apps where state = 'live' order by created_at`)) ?? 'none'
  const anAddon = async () =>
    pick(await names(sql`select name from addons where state <> 'deprovisioned' order by created_at`)) ?? 'none'
  const aTeam = () => pick(['red', 'blue']) ?? 'red'
  const email = (who: Person) => `${who}@example.com`
  const sudo = (method: 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, body?: object, as?: string) =>
    ask('operator', method, url, body, as)

  for (const team of ['red', 'blue']) {
    expect((await ask('ann', 'POST', '/teams', { name: team })).status).toBe(201)
    for (const who of ['bob', 'cat'] as const)
      await ask('ann', 'PUT', `/teams/${team}/members`, { email: email(who), role: 'admin' })
  }
  for (const who of people) for (let n = 0; n < 2; n++) await ask(who, 'POST', '/apps', {})
  // Everybody works with everybody's apps, or most of it would be refused.
  const share = async (app: string) => {
    for (const who of people)
      await sudo('POST', `/apps/${app}/collaborators`, { user: email(who) }, '/apps/:app/collaborators')
  }
  await writeQuotas(house.db, { apps: 6, 'add-ons': 9, webhooks: 6, domains: 4 })

  let values = 0
  const deeds: (() => Promise<unknown>)[] = [
    async () => {
      const made = await ask(pick(people) ?? 'ann', 'POST', '/apps', {})
      if (made.status === 201) await share(made.body.name)
    },
    async () => {
      const made = await ask('ann', 'POST', '/teams/apps', { team: aTeam() })
      if (made.status === 201) await share(made.body.name)
    },
    ...Array.from({ length: 4 }, () => async () => {
      const app = await anApp()
      const body = {
        plan: `fast-db:${pick(['small', 'large'])}`,
        confirm: app,
        attachment: { name: pick(['MAIN', 'OTHER']) },
      }
      return ask(pick(people) ?? 'ann', 'POST', `/apps/${app}/addons`, body, '/apps/:app/addons')
    }),
    ...Array.from({ length: 2 }, () => async () => {
      const name = await anAddon()
      const found = await house.ask('operator', 'GET', `/addons/${name}`, undefined, { 'x-heroku-sudo': 'true' })
      const app = found.body?.app?.name ?? 'none'
      return ask(
        pick(people) ?? 'ann',
        'DELETE',
        `/apps/${app}/addons/${name}`,
        { force: true },
        '/apps/:app/addons/:addon',
      )
    }),
    async () => {
      const name = await anAddon()
      const found = await house.ask('operator', 'GET', `/addons/${name}`, undefined, { 'x-heroku-sudo': 'true' })
      const body = { plan: `fast-db:${pick(['small', 'large'])}` }
      const app = found.body?.app?.name ?? 'none'
      return ask(pick(people) ?? 'ann', 'PATCH', `/apps/${app}/addons/${name}`, body, '/apps/:app/addons/:addon')
    },
    ...Array.from({ length: 2 }, () => async () => {
      const app = await anApp()
      const body = { addon: await anAddon(), app, name: pick(['MAIN', 'SHARED', 'OTHER']), confirm: app }
      return ask(pick(people) ?? 'ann', 'POST', '/addon-attachments', body)
    }),
    async () => {
      const found = await rows<{ id: string }>(
        house.db,
        sql`select id from attachments where detached_at is null order by id`,
      )
      return ask(
        pick(people) ?? 'ann',
        'DELETE',
        `/addon-attachments/${pick(found)?.id ?? randomUUID()}`,
        undefined,
        '/addon-attachments/:attachment',
      )
    },
    async () =>
      ask(
        pick(people) ?? 'ann',
        'PATCH',
        `/apps/${await anApp()}/config-vars`,
        { GREETING: String(++values) },
        '/apps/:app/config-vars',
      ),
    async () => {
      const app = await anApp()
      const body = {
        config: { COLOUR: String(++values) },
        create: [{ plan: 'fast-db:small' }],
        attach: [{ addon: await anAddon() }],
        confirm: app,
      }
      return ask(pick(people) ?? 'ann', 'POST', `/apps/${app}/changes`, body, '/apps/:app/changes')
    },
    // Into a team, out of it, and from one to another.
    ...Array.from(
      { length: 3 },
      () => async () =>
        ask(
          pick(people) ?? 'ann',
          'PATCH',
          `/teams/apps/${await anApp()}`,
          { owner: pick(['red', 'blue', ...people.map(email)]) },
          '/teams/apps/:app',
        ),
    ),
    async () => {
      const offered = await ask(pick(people) ?? 'ann', 'POST', '/account/app-transfers', {
        app: await anApp(),
        recipient: email(pick(people) ?? 'bob'),
      })
      if (offered.status !== 201) return
      const recipient = people.find((who) => email(who) === offered.body.recipient.email) ?? 'ann'
      await ask(
        recipient,
        'PATCH',
        `/account/app-transfers/${offered.body.id}`,
        { state: pick(['accepted', 'declined']) },
        '/account/app-transfers/:transfer',
      )
    },
    async () =>
      ask('ann', 'PUT', `/teams/${aTeam()}/members`, {
        email: email(pick(['bob', 'cat']) ?? 'bob'),
        role: pick(['admin', 'member', 'viewer']),
      }),
    async () =>
      ask(
        'ann',
        'DELETE',
        `/teams/${aTeam()}/members/${email(pick(['bob', 'cat']) ?? 'bob')}`,
        undefined,
        '/teams/:team/members/:member',
      ),
    async () => ask('ann', 'POST', `/teams/${aTeam()}/allowed-addon-services`, { addon_service: 'fast-db' }),
    async () => ask('ann', 'DELETE', `/teams/${aTeam()}/allowed-addon-services/fast-db`),
    async () => ask('ann', 'PATCH', `/teams/${aTeam()}`, { default: Boolean(below(2)) }),
    async () =>
      ask(
        pick(people) ?? 'ann',
        'DELETE',
        `/apps/${await anApp()}/collaborators/${email(pick(people) ?? 'bob')}`,
        undefined,
        '/apps/:app/collaborators/:c',
      ),
    async () =>
      ask(
        pick(people) ?? 'ann',
        'POST',
        `/apps/${await anApp()}/collaborators`,
        { user: email(pick(people) ?? 'bob') },
        '/apps/:app/collaborators',
      ),
    ...Array.from({ length: 2 }, () => async () => {
      const body = {
        include: ['api:release', 'api:addon', 'api:addon-attachment', 'api:app'],
        level: pick(['notify', 'sync']),
        url: `${urlOf(receiver)}/hook`,
      }
      return ask(pick(people) ?? 'ann', 'POST', `/apps/${await anApp()}/webhooks`, body, '/apps/:app/webhooks')
    }),
    async () => {
      const [hook] = await rows<{ id: string; app: string }>(
        house.db,
        sql`select w.id, a.name as app from webhooks w join apps a on a.id = w.app_id order by random() limit 1`,
      )
      if (!hook) return
      const who = pick(people) ?? 'ann'
      const at = `/apps/${hook.app}/webhooks/${hook.id}`
      if (below(2)) return ask(who, 'DELETE', at, undefined, '/apps/:app/webhooks/:webhook')
      return ask(who, 'PATCH', at, { include: ['api:addon', 'api:release'] }, '/apps/:app/webhooks/:webhook')
    },
    async () => {
      const [sent] = await rows<{ id: string; app: string }>(
        house.db,
        sql`select d.id, a.name as app from webhook_deliveries d join webhooks w on w.id = d.webhook_id join apps a on a.id = w.app_id order by random() limit 1`,
      )
      if (sent)
        await ask(
          pick(people) ?? 'ann',
          'POST',
          `/apps/${sent.app}/webhook-deliveries/${sent.id}/actions/retry`,
          undefined,
          '/apps/:app/webhook-deliveries/:d/actions/retry',
        )
    },
    async () =>
      ask(
        pick(people) ?? 'ann',
        'POST',
        `/apps/${await anApp()}/domains`,
        { hostname: `www${below(6)}.example.com` },
        '/apps/:app/domains',
      ),
    async () =>
      ask(
        pick(people) ?? 'ann',
        'DELETE',
        `/apps/${await anApp()}/domains/www${below(6)}.example.com`,
        undefined,
        '/apps/:app/domains/:domain',
      ),
    async () =>
      ask(
        pick(people) ?? 'ann',
        'POST',
        `/apps/${await anApp()}/log-drains`,
        { url: `${urlOf(receiver)}/drain${below(3)}` },
        '/apps/:app/log-drains',
      ),
    async () =>
      ask(
        pick(people) ?? 'ann',
        'DELETE',
        `/apps/${await anApp()}/log-drains/${encodeURIComponent(`${urlOf(receiver)}/drain${below(3)}`)}`,
        undefined,
        '/apps/:app/log-drains/:d',
      ),
    async () => {
      const url = `${urlOf(archives)}/source.tgz`
      return ask(pick(people) ?? 'ann', 'POST', '/app-setups', { source_blob: { url } })
    },
    async () => {
      provider.resources.set(randomUUID(), 'small')
      return sudo('POST', '/providers/fast-db/actions/compare')
    },
    async () => {
      const [found] = await rows<{ id: string }>(
        house.db,
        sql`select id from discrepancies where ended_at is null order by random() limit 1`,
      )
      if (found)
        await sudo(
          'POST',
          `/discrepancies/${found.id}/actions/${pick(['adopt', 'forget'])}`,
          { reason: 'It is ours.' },
          '/discrepancies/:d/actions/:verb',
        )
    },
    async () => {
      const [open] = await rows<{ id: string }>(
        house.db,
        sql`select id from operations where ended_at is null order by random() limit 1`,
      )
      if (open)
        await sudo(
          'POST',
          `/operations/${open.id}/actions/${pick(['retry', 'cancel'])}`,
          { reason: 'It takes too long.' },
          '/operations/:o/actions/:verb',
        )
    },
    async () => {
      const [owed] = await rows<{ name: string }>(
        house.db,
        sql`select a.name from debts d join addons a on a.id = d.addon_id where d.state in ('owed', 'stuck') order by random() limit 1`,
      )
      if (owed)
        await sudo('POST', `/ledger/${owed.name}/actions/retry`, { reason: 'Again.' }, '/ledger/:addon/actions/retry')
    },
    async () =>
      sudo(
        'PATCH',
        `/users/${pick(['red', 'blue', ...people.map(email)])}/quotas`,
        { updates: [{ name: 'add-ons', limit: 6 + below(6) }] },
        '/users/:user/quotas',
      ),
    async () =>
      ask(
        pick(people) ?? 'ann',
        'PATCH',
        `/apps/${await anApp()}`,
        below(2) ? { maintenance: Boolean(below(2)) } : { name: `renamed-${below(5)}` },
        '/apps/:app',
      ),
    async () =>
      ask(pick(people) ?? 'ann', 'POST', `/apps/${await anApp()}/releases`, { release: '1' }, '/apps/:app/releases'),
    async () => ask(pick(people) ?? 'ann', 'DELETE', `/apps/${await anApp()}`, { force: true }, '/apps/:app'),
    async () => {
      const found = await rows<{ id: string }>(
        house.db,
        sql`select id from addons where state = 'provisioned' order by id`,
      )
      const authorization = `Basic ${Buffer.from(`fast-db:${password}`).toString('base64')}`
      const body = { config: { FAST_DB_URL: `fast://${++values}` } }
      const answer = await house.ask(null, 'PUT', `/vendor/apps/${pick(found)?.id}`, body, { authorization })
      if (answer.status >= 500) unexpected.push(`PUT /vendor/apps: ${answer.status} ${answer.text}`)
    },
  ]

  // Now and then a provider leaves an order open, and a receiver takes nothing.
  provider.onRequest = ({ method }) => {
    if (below(4) === 0 && method !== 'GET')
      provider.lie(
        method as 'POST',
        pick([{ status: 500 }, { status: 422 }, { acts: true, status: 202 }, { acts: true, status: 500 }]) ?? {
          status: 500,
        },
      )
    if (below(9) === 0) refusals = 1
  }
  // Each kind in turn, in an order of chance, so that none is left out.
  for (let at = deeds.length - 1; at > 0; at--) {
    const other = below(at + 1)
    ;[deeds[at], deeds[other]] = [deeds[other] as never, deeds[at] as never]
  }
  let nth = 0
  // On a busy machine less is done, not for longer.
  const stormEnds = Date.now() + stormMsMax
  const waits = await watchWaits()
  let isOver = false
  // Files have the machine's time, not this world's: to whoever tidies among them a file of now is hours old.
  const atWork = house.reconcilers.filter(({ name }) => name !== 'sources')
  const workers = atWork.flatMap((reconciler) =>
    Array.from({ length: Math.min(reconciler.sideBySide ?? 1, 2) }, async () => {
      while (!isOver) {
        house.clock.aheadMs += 50
        try {
          if (await reconciler.pass()) continue
        } catch (error) {
          unexpected.push(`${reconciler.name}: ${error instanceof Error ? error.stack : error}`)
        }
        await new Promise((done) => setTimeout(done, 40))
      }
    }),
  )
  // What has ended long ago is forgotten meanwhile, and late deliveries are.
  const aging = setInterval(() => {
    house.clock.aheadMs += 3_600_000
  }, 500)
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let times = 0; times < 20 && Date.now() < stormEnds; times++) await deeds[nth++ % deeds.length]?.()
    }),
  )
  clearInterval(aging)
  isOver = true
  await Promise.all(workers)
  await house.engine.settled()

  const waited = waits()
  const passing = house.faults.filter((error) => isPassing(error)) as Error[]
  if (passing.length) console.log([...passing.map(({ stack }) => stack), ...waited].join('\n'))
  expect(passing).toEqual([])
  expect(house.faults).toEqual([])
  expect(unexpected).toEqual([])
  if (process.env['MORTISE_SAY_LOAD'])
    console.log([...told].map(([what, counts]) => `${what} ${JSON.stringify([...counts])}`).join('\n'))
  // The load came to what it is about: most kinds of deeds were done, and not only refused.
  const done = [...told].filter(([, counts]) => [...counts.keys()].some((status) => status < 300))
  expect(done.length).toBeGreaterThan(15)
  expect(await deadlocks()).toBe(0)
  expect(orders.count()).toBeGreaterThan(100)
  lookForRings(orders)

  provider.onRequest = undefined
  provider.repent()
  refusals = 0
  // The longest waits are twelve hours for a provider, and thirteen until a removal is believed.
  for (let hours = 0; hours < 36; hours += 2) {
    house.clock.aheadMs += 2 * 3_600_000
    // Leases run by the database's clock, which does not go ahead: what somebody held is free, as it would be by then.
    await sql`update operations set lease_until = null where ended_at is null`.execute(house.db)
    for (const reconciler of house.reconcilers) for (let turn = 0; turn < 60 && (await reconciler.pass()); turn++);
    // What a pass began may go on behind it.
    await house.engine.settled()
  }
  const ours = new Set((await allAddons(house.db)).map(({ id }) => id))
  const ends = {
    db: house.db,
    // What the provider has of nobody's was put there to be found.
    provider: { resources: new Map([...provider.resources].filter(([id]) => ours.has(id))) },
    faults: house.faults,
    debt: (id: string) => findDebt(house.db, id),
    charges: (id: string) => chargesOf(house.db, id),
    head: async (app: { id: string }) => headOf(house.db, house.secrets, (await findApp(house.db, app.id)) as never),
  }
  expect(await whatIsWrong(ends as unknown as TestLifecycle)).toEqual([])
  expect(await rows(house.db, amiss)).toEqual([])
}, 600_000)

/** What this load has besides: nothing of an app that is gone is left, and nobody has more than they may. */
const amiss = sql`
  select 'a domain of an app that is gone' as what, d.hostname as which from domains d join apps a on a.id = d.app_id where a.state <> 'live'
  union all select 'an operation that is open', o.saga from operations o where o.ended_at is null
  union all select 'an app that never went', a.name from apps a where a.state not in ('live', 'destroyed')
  union all select 'an event that nobody was told of', e.resource || ' ' || e.action from events e where e.published_at is null`
