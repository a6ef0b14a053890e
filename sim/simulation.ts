import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import { insertAccount } from '../platform/accounts/store.js'
import { addonById } from '../platform/addons/store.js'
import { pushManifest } from '../platform/catalog/push.js'
import { type Db, rows, sql, transact } from '../platform/db/db.js'
import type { OutboundQuestion } from '../platform/http/outbound.js'
import { createApp } from '../platform/lifecycle/app-lifecycle.js'
import { patchConfig, providerSays } from '../platform/lifecycle/call-backs.js'
import { compareNow } from '../platform/lifecycle/compare-store.js'
import { standardPatience } from '../platform/lifecycle/patience.js'
import { requestAllRolls } from '../platform/releases/roll-store.js'
import { parseMasterKeys } from '../platform/secrets/keys.js'
import { createSecrets } from '../platform/secrets/seal.js'
import { insertWebhook } from '../platform/webhooks/store.js'
import { keysContext } from '../platform/webhooks/webhook.js'
import type { World } from '../platform/world/world.js'
import { simulatedArchives } from './archives.js'
import { checkers } from './checkers/all.js'
import type { View } from './checkers/checker.js'
import { reachedStories } from './coverage.js'
import { customers } from './customers.js'
import { type WorldDatabase, worldDatabase } from './database.js'
import { dueNames, dueOf, dueQuestions } from './due.js'
import type { Runs } from './dynos.js'
import { type Facts, factQuestions, factReader } from './facts.js'
import { operators } from './operators.js'
import { furnishOurs, type Ours } from './ours.js'
import {
  type Break,
  end,
  Injected,
  type Machine,
  newProcess,
  type Process,
  type Surroundings,
  soundMachine,
} from './process.js'
import { honest, offers, simulatedProvider } from './provider.js'
import { randomFrom } from './random.js'
import { type Question, remembered } from './reading.js'
import { simulatedReceiver } from './receiver.js'
import { createSchedule } from './schedule.js'
import { setups } from './setups.js'
import { createStory } from './story.js'

export interface SimulationOptions {
  seed: number
  /** How long the world misbehaves, on its own clock. */
  hours: number
  /** Each question goes wrong at most once, in a way that must be over within two minutes. */
  onlyOrdinary?: boolean
  /** For the checkers' twins: what would be rare or left to chance happens, so that a world comes to what was broken. */
  sure?: {
    /** The first app has its two webhooks, and their receivers fail so often. */
    receiversLie?: number
    /** How likely a process dies soon, each time that one goes on. */
    dies?: number
    /** Providers give new values this many times as often. */
    rotates?: number
    /** Apps are set up this many times as often. */
    setsUp?: number
  }
  /** For the checkers' twins: breaks the code's statements … */
  broken?: Break
  /** … or the world, called before each look. */
  sabotage?(view: View & { at: 'always' | 'settled' }): Promise<void>
  /** Called with each line of the story. */
  tell?(line: string): void
}

export interface SimulationResult {
  seed: number
  /** Looks of the checkers. */
  looks: number
  crashes: number
  asked: number
  addons: number
  /** `checker: sentence`; empty when every invariant held. */
  wrong: string[]
  /** The same for the same seed. */
  hash: string
  /** The end of the story. */
  last: string[]
  /** What this world came to, and how often. */
  coverage: Map<string, number>
}

/** Sources and slugs of a byte are synced to the disk, as in life; in memory that costs nothing. */
const memoryFolder = '/dev/shm'
const processesMax = 3
const ofTheDriver: ReadonlySet<string> = new Set(['build', 'roll', 'remains', 'expire'])
const started = new Date('2026-11-23T00:00:00Z')
const minuteMs = 60_000
/** The weather changes so often. */
const weatherMs = 8 * minuteMs
/** Once the world calms down, everything is over after so long: the longest wait is a webhook's, of 72 hours. */
const restDaysMax = 12
/** Far more than any world needs; one that needs more turns in circles. */
const stepsMax = 400_000
/** Passes that change nothing, one after the other, in a calm world: whatever is due then will never be done. */
const passesInVainMax = 60
/** What is not due by itself is looked at so often. */
const nowAndThenMs = 5 * minuteMs
/** The same when the world is calm and only waits for what is hours away. */
const seldomMs = 30 * minuteMs
/** In a world of a quarter of an hour the ledger is compared more often than in life. */
const comparesEveryMs = 2 * minuteMs
/** At its end all lists are read once more, and again after what came of that; a list may be older than a quarter of an hour. */
const lastComparisons = 2
const listsAreOldMs = 16 * minuteMs

/** What the checkers look at, and what the world does next: asked together. */
const questions: Record<string, Question> = {
  ...Object.fromEntries(Object.entries(factQuestions).map(([name, text]) => [name, { text, gives: 'rows' }])),
  ...Object.fromEntries(Object.entries(dueQuestions).map(([name, text]) => [`due: ${name}`, { text, gives: 'value' }])),
}

/**
 * Runs the production code of several processes over a seeded clock, network, database and parties that lie. Between any
 * two effects another process may go on, or this one stand still or die. The same seed is the same world.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, hours, onlyOrdinary = false, sure = {} } = options
  const database = await worldDatabase()
  const dir = await mkdtemp(path.join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), 'mortise-sim-'))
  const random = randomFrom(seed)
  const schedule = createSchedule(started, random)
  const story = createStory(schedule.now, options.tell)
  const secrets = createSecrets(parseMasterKeys(`1:${Buffer.alloc(32, 9).toString('base64')}`))
  const provider = simulatedProvider(schedule, random, story)
  const receivers = [
    simulatedReceiver('http://127.0.0.1:9/notify', 'notify', { schedule, random, story }),
    simulatedReceiver('http://127.0.0.1:9/sync', 'sync', { schedule, random, story }),
  ]
  const archives = simulatedArchives({ schedule, random, story })
  const db = watchingDoor(database, schedule.io)
  const reading = remembered(database, questions)
  const factsOf = factReader(database, secrets)
  const wrong: string[] = []
  let machine: Machine = soundMachine
  let isCalm = false
  let runs: Runs = { breaks: 0 }
  let crashes = 0
  let looks = 0
  let due: { name: string; at: Date }[] = []
  let seen = false

  function fault(error: unknown): void {
    if (error instanceof Injected || (error as { name?: string }).name === 'WireError') return
    wrong.push(`a fault of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }

  // --- our processes ---
  const processes: Ours[] = []
  const lives: number[] = []
  const starting = new Set<Process>()
  const waitsForAnswer = new Map<Process, Set<() => void>>()
  const around: Surroundings = {
    schedule,
    random,
    story,
    machine: () => machine,
    ended(process) {
      crashes++
      for (const silence of waitsForAnswer.get(process) ?? []) silence()
      waitsForAnswer.delete(process)
      const at = processes.findIndex((ours) => ours.process === process)
      if (at < 0) return
      schedule.start({ owner: 'world', name: 'restart', step: 'restart' }, async () => {
        await schedule.wait('world', 'restart', random.between(500, 20_000))
        begin(at)
      })
    },
  }
  const receive = (question: OutboundQuestion) =>
    (receivers.find(({ url }) => url === question.url) ?? provider).receive(question)

  function begin(at: number): void {
    lives[at] = (lives[at] ?? 0) + 1
    const process = newProcess(`ours-${at + 1}.${lives[at]}`)
    const ours = furnishOurs(process, {
      database,
      around,
      secrets,
      dir,
      runs: () => runs,
      runsApps: at === 0,
      receive,
      archives,
      onFault: fault,
      broken: options.broken,
      comparesEveryMs: () => (isCalm ? standardPatience.compareEveryMs : comparesEveryMs),
    })
    processes[at] = ours
    // Dynos are the first one's children: after its end nothing runs, and its next life rolls every app again.
    if (at === 0) start(ours)
  }

  /** As in life: whoever can't do what comes first serves nobody, looks at nothing, and is started once more. */
  function start({ process, db, deps }: Ours): void {
    starting.add(process)
    schedule.start({ owner: process.name, name: 'start', step: 'start' }, async () => {
      try {
        await requestAllRolls(db, deps.world.now())
        starting.delete(process)
      } catch (error) {
        fault(error)
        end(process, 'because it could not start', around)
      }
    })
  }

  /** Does something in a process. @returns whether it came to an end there */
  function run(ours: Ours, name: string, work: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const silence = () => resolve(false)
      const waiting = waitsForAnswer.get(ours.process) ?? new Set()
      waitsForAnswer.set(ours.process, waiting.add(silence))
      schedule.start({ owner: ours.process.name, name, step: name }, async () => {
        try {
          await work()
        } catch (error) {
          fault(error)
        }
        waiting.delete(silence)
        if (!ours.process.dead) resolve(true)
      })
    })
  }
  const standing = () => processes.filter(({ process }) => !process.dead && !schedule.isHeld(process.name))
  const awake = () => standing().filter(({ process }) => !starting.has(process))

  /** A request from outside reaches one that is awake. */
  async function request(name: string, work: (ours: Ours) => Promise<unknown>): Promise<boolean> {
    const up = awake()
    if (up.length === 0) return false
    const ours = random.pick(up)
    return run(ours, name, async () => {
      try {
        story.tell(`${ours.process.name} ${name}: ${(await work(ours)) ?? ''}`)
      } catch (error) {
        story.tell(`${ours.process.name} ${name}: ${(error as Error).message.split('\n')[0]}`)
        throw error
      }
    })
  }

  provider.callBacks = {
    provisioned: (uuid) =>
      request('a call-back', async ({ deps }) => (await providerSays(deps, uuid, 'provision')).state),
    failed: (uuid) => request('a call-back', async ({ deps }) => (await providerSays(deps, uuid, 'deprovision')).state),
    patch: (uuid, value) =>
      request('a call-back', async ({ deps }) => {
        const addon = await addonById(deps.db, uuid)
        if (addon) await patchConfig(deps, addon, [{ name: provider.offerOf(uuid).configVar, value }])
      }),
  }

  // --- the world's start ---
  const people = ['ann', 'bob'].map((name) => ({ id: random.uuid(), email: `${name}@example.com` }))
  const setUp: World = { now: schedule.now, id: random.uuid, chance: random.next, sleep: async () => undefined }
  await furnishDatabase(db, setUp, people, secrets)
  // From the start on, and not only after somebody has looked whom to compare.
  await compareAll()
  for (let at = 0; at < processesMax; at++) begin(at)
  const [ann] = people as [{ id: string; email: string }]
  const deeds = [
    ...customers({ db, random, provider, people }),
    ...setups({ db, random, archives, people }),
    ...operators({ db, random, provider, actor: ann }),
  ]
  for (const deed of deeds) if (deed.name === 'is the provider and rotates a value') deed.weight *= sure.rotates ?? 1
  for (const deed of deeds) if (deed.name === 'sets an app up') deed.weight *= sure.setsUp ?? 1
  const weight = deeds.reduce((sum, deed) => sum + deed.weight, 0)
  const hasWebhooks = random.happens(0.3) || sure.receiversLie !== undefined

  function nextDeed() {
    let at = random.next() * weight
    for (const deed of deeds) {
      at -= deed.weight
      if (at < 0) return deed
    }
    return deeds[0]!
  }

  function changeWeather(): void {
    const lies = random.pick([0.05, 0.15, 0.4, 0.9])
    provider.temper = onlyOrdinary
      ? { lies, onlyOrdinary, refuses: 0, defers: 0 }
      : { lies, onlyOrdinary, refuses: random.pick([0, 0.1]), defers: random.pick([0, 0.1, 0.4]) }
    for (const receiver of receivers) receiver.lies = onlyOrdinary ? 0 : (sure.receiversLie ?? random.pick([0, 0.3, 1]))
    machine = {
      dies: sure.dies ?? random.pick([0, 0.003, 0.015]),
      pauses: onlyOrdinary ? 0 : random.pick([0, 0, 0.0015]),
      losesCommits: random.pick([0, 0.01, 0.03]),
    }
    runs = { breaks: random.pick([0, 0.1, 0.5]) }
    archives.refuses = onlyOrdinary ? 0 : random.pick([0, 0.2, 0.9])
    if (!onlyOrdinary && random.happens(0.3))
      provider.restart(random.between(1_000, 10 * minuteMs), random.happens(0.7))
    story.tell(`weather: ${JSON.stringify({ ...provider.temper, ...machine, ...runs })}`)
  }

  function clearUp(): void {
    provider.temper = { ...honest }
    for (const receiver of receivers) receiver.lies = 0
    machine = soundMachine
    archives.refuses = 0
    runs = { breaks: 0 }
    for (const { process } of processes) process.effectsLeft = null
    story.tell('the weather clears')
  }

  /** One that is about to go on may be told to die soon, or to stand still for longer than its leases. */
  function disturb(): void {
    const up = standing()
    if (up.length === 0) return
    const { process } = random.pick(up)
    if (random.happens(machine.dies)) {
      process.effectsLeft ??= random.between(0, 3)
      process.actsLast = random.happens(0.5)
    }
    if (random.happens(machine.pauses)) {
      const ms = random.between(61_000, 10 * minuteMs)
      schedule.hold(process.name, ms)
      story.tell(`${process.name} stands still for ${Math.round(ms / 1000)} s`)
      story.reached('crash', 'stands still for longer than its leases')
    }
  }

  /** Reads what the checkers judge, and in the same trip what is due. */
  async function read(): Promise<Facts> {
    const answers = await reading.answers()
    due = dueOf((name) => answers[`due: ${name}`])
    seen = true
    return factsOf(answers)
  }

  async function look(at: 'always' | 'settled'): Promise<void> {
    looks++
    if (at === 'settled')
      for (const name of await reading.stale()) wrong.push(`the simulation itself: "${name}" was written to unnoticed`)
    const view: View = {
      facts: await read(),
      provider,
      dynos: processes.flatMap(({ process, driver }) => (process.dead ? [] : driver.dynos())),
      receivers,
      db,
      secrets,
      now: schedule.now(),
      onlyOrdinary,
    }
    if (options.sabotage) {
      await options.sabotage({ ...view, at })
      view.facts = await read()
    }
    for (const checker of checkers) {
      if (checker.when === 'settled' && at === 'always') continue
      for (const sentence of await checker.check(view)) wrong.push(`${checker.name}: ${sentence}`)
    }
  }

  // --- work of our own accord ---
  const quietUntil = new Map<string, number>()
  const underWay = new Map<string, number>()

  function startPass(name: string): void {
    // The driver is the first one's, and so is what must know what runs; everything else is anybody's.
    const able = awake().filter((one) => !ofTheDriver.has(name) || one === processes[0])
    if (able.length === 0) return void quietUntil.set(name, schedule.now().getTime() + 1_000)
    const ours = random.pick(able)
    const reconciler = ours.reconcilers.find((one) => one.name === name)
    if (!reconciler) throw new Error(`no reconciler is called ${name}`)
    const key = `${ours.process.name} ${name}`
    // As many side by side as in life.
    if ((underWay.get(key) ?? 0) >= (reconciler.sideBySide ?? 1))
      return void quietUntil.set(name, schedule.now().getTime() + 1_000)
    inVain++
    underWay.set(key, (underWay.get(key) ?? 0) + 1)
    quietUntil.set(name, schedule.now().getTime() + 50)
    void run(ours, name, async () => {
      try {
        const more = await reconciler.pass()
        // As in life: one that found nothing looks again a while later, or when something changed.
        if (!more) quietUntil.set(name, schedule.now().getTime() + Math.min(reconciler.everyMs, 5_000))
      } catch (error) {
        quietUntil.set(name, schedule.now().getTime() + 500)
        throw error
      } finally {
        underWay.set(key, (underWay.get(key) ?? 1) - 1)
      }
    })
  }

  const stormEnds = started.getTime() + hours * 3_600_000
  let nextDeedAt = started.getTime() + 1_000
  let nextWeatherAt = started.getTime()
  let nowAndThenAt = started.getTime() + nowAndThenMs
  let steps = 0
  let inVain = 0
  let restless = ''

  /** @returns false when all is at rest */
  async function tick(): Promise<boolean> {
    const wrote = story.takeWritten()
    if (wrote) await look('always')
    if (wrong.length) return false
    const now = schedule.now().getTime()
    if (!isCalm && now >= stormEnds) {
      isCalm = true
      clearUp()
    }
    if (!seen) await read()
    const waiting = due
      .map(({ name, at }) => ({ name, at: Math.max(at.getTime(), quietUntil.get(name) ?? 0) }))
      // A calm world does not wait for the next one: they never end.
      .filter(({ name, at }) => !(isCalm && name === 'compare' && at > now))
    const ready = waiting.filter(({ at }) => at <= now)
    if (wrote) inVain = 0
    if (isCalm && inVain > passesInVainMax) {
      restless = ready.map(({ name }) => name).join(', ')
      return false
    }
    if (ready.length) {
      startPass(random.pick(ready).name)
      return true
    }
    if (now >= nowAndThenAt) {
      nowAndThenAt = now + (isCalm ? seldomMs : nowAndThenMs)
      for (const { name } of processes[0]?.reconcilers ?? []) if (!dueNames.includes(name)) startPass(name)
      return true
    }
    if (!isCalm && now >= nextWeatherAt) {
      nextWeatherAt = now + weatherMs
      changeWeather()
    }
    if (!isCalm && now >= nextDeedAt) {
      nextDeedAt = now + random.between(1_000, 90_000)
      const deed = nextDeed()
      void request(deed.name, deed.does)
      return true
    }
    const next = [schedule.next()?.getTime() ?? Number.POSITIVE_INFINITY, ...waiting.map(({ at }) => at)]
    if (!isCalm) next.push(nextDeedAt, nextWeatherAt, stormEnds)
    const at = Math.min(...next)
    if (at === Number.POSITIVE_INFINITY) return false
    if (at > stormEnds + restDaysMax * 86_400_000) {
      restless = due.map(({ name }) => name).join(', ')
      return false
    }
    // The database's clock runs in microseconds: what is due is past, not just now.
    schedule.moveTo(new Date(at + 1))
    return true
  }

  let comparisonsLeft = lastComparisons

  /** @returns whether there is one more to do */
  async function compareOnceMore(): Promise<boolean> {
    if (wrong.length || restless || comparisonsLeft-- === 0) return false
    schedule.moveTo(new Date(schedule.now().getTime() + listsAreOldMs))
    await compareAll()
    seen = false
    return true
  }

  async function compareAll(): Promise<void> {
    const services = await rows<{ id: string }>(db, sql`select id from addon_services order by name`)
    for (const { id } of services) await transact(db, (tx) => compareNow(tx, id, schedule.now()))
  }

  try {
    if (hasWebhooks) await subscribe(db, setUp, secrets, receivers)
    for (;;) {
      await schedule.quiet()
      if (++steps > stepsMax) {
        wrong.push('it turns in circles')
        break
      }
      disturb()
      const went = schedule.step()
      if (went) story.mark(`${went.owner} ${went.what}`)
      else if (!(await tick()) && !(await compareOnceMore())) break
      if (wrong.length) break
    }
    if (wrong.length === 0) {
      await look('settled')
      if (restless && wrong.length === 0) wrong.push(`it does not come to rest: ${restless}`)
      await reachedStories(db, story)
    }
    const [{ addons } = { addons: 0 }] = await rows<{ addons: number }>(
      db,
      sql`select count(*)::int as addons from addons`,
    )
    return {
      seed,
      looks,
      crashes,
      asked: provider.asked,
      addons,
      wrong,
      hash: story.hash(),
      last: story.last(),
      coverage: story.coverage,
    }
  } finally {
    // Whoever still goes on gets no answer any more.
    for (const { process } of processes) process.dead = true
    await schedule.quiet()
    await database.drop()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Looks at the database without taking a turn: for whoever reads a page, and for the checkers. */
function watchingDoor(database: WorldDatabase, io: <T>(work: () => Promise<T>) => Promise<T>): Db {
  const watching = {
    async connect() {
      const connection = await io(() => database.connect())
      return {
        query: (text: string, values: unknown[]) => io(() => connection.query({ text, values })),
        release: () => connection.release(),
      }
    },
    end: async () => undefined,
  }
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: watching as unknown as pg.Pool }) })
}

async function furnishDatabase(
  db: Db,
  world: World,
  people: readonly { id: string; email: string }[],
  secrets: ReturnType<typeof createSecrets>,
): Promise<void> {
  const [ann] = people as [{ id: string; email: string }]
  for (const { id, email } of people) {
    await transact(db, (tx) =>
      insertAccount(tx, { id, email, passwordHash: null, isOperator: id === ann.id, at: world.now() }),
    )
  }
  const installation = { localhost: true }
  for (const { service, isV1, baseUrl, configVar } of offers) {
    await pushManifest({ db, world, secrets, installation }, { id: ann.id, isOperator: true }, service, {
      id: service,
      name: service,
      api: {
        version: isV1 ? '1' : '3',
        password: 'simulated-password-0123456789',
        sso_salt: 'simulated-salt-0123456789',
        regions: ['us'],
        config_vars: [configVar],
        requires: ['attachable', 'many_per_app'],
        lists_resources: true,
        production: { base_url: baseUrl, sso_url: 'http://127.0.0.1:9/sso' },
      },
      plans: ['small', 'large'].map((name, at) => ({
        name,
        human_name: name,
        description: '',
        price: { cents: 500 * (at * 9 + 1), unit: 'month' },
        default: at === 0,
        features: [],
      })),
    })
  }
  const deps = { db, world, secrets } as Parameters<typeof createApp>[0]
  for (const name of ['first-app', 'second-app']) {
    await createApp(deps, { name, region: 'us', stack: 'mortise-24', kind: 'hosted', actor: ann })
  }
}

/** One webhook of each level on the first app. */
async function subscribe(
  db: Db,
  world: World,
  secrets: ReturnType<typeof createSecrets>,
  receivers: readonly { url: string; level: 'notify' | 'sync' }[],
): Promise<void> {
  const [app] = await rows<{ id: string; name: string }>(db, sql`select id, name from apps where name = 'first-app'`)
  if (!app) return
  for (const { url, level } of receivers) {
    const id = world.id()
    await transact(db, (tx) =>
      insertWebhook(tx, {
        id,
        owner: { app, side: 'customer' },
        include: ['api:addon', 'api:addon-attachment', 'api:app', 'api:build', 'api:release'],
        level,
        url,
        sealed: secrets.seal(JSON.stringify({ secret: 'secret', authorization: null }), keysContext(id)),
        at: world.now(),
      }),
    )
  }
}
