import type { OutboundAnswer, OutboundQuestion } from '../platform/http/outbound.js'
import { answer, type Fault, faults } from './faults.js'
import type { Random } from './random.js'
import type { Schedule } from './schedule.js'
import type { Story } from './story.js'

/** How likely a provider, and the network to it, misbehave. Everything 0 is an honest world. */
export interface Temper {
  lies: number
  /** Only faults that the platform must get over within two minutes, each question at most once. */
  onlyOrdinary: boolean
  refuses: number
  /** Answers 202 and calls back later, or never. */
  defers: number
}

export const honest: Temper = { lies: 0, onlyOrdinary: false, refuses: 0, defers: 0 }

/** What the provider calls at the platform. Resolves with whether there was an answer. */
export interface CallBacks {
  provisioned(uuid: string): Promise<boolean>
  failed(uuid: string): Promise<boolean>
  patch(uuid: string, value: string): Promise<boolean>
}

export interface SimulatedProvider {
  temper: Temper
  /** What it really holds: uuid → plan. */
  readonly resources: Map<string, string>
  readonly tombstones: Set<string>
  /** What it lost by a restart without memory: nobody can ask it to know that. */
  readonly forgotten: Set<string>
  /** Its own ids of what was asked for by the older protocol, and by which uuid that was. */
  readonly ids: Map<string, string>
  /** What others asked it for: by uuid, by the older protocol by its own id. */
  readonly strangers: Map<string, Offer>
  /** Those of them that we had it remove. */
  readonly takenFromOthers: Set<string>
  /** Whether its lists name uuids in the older protocol, too. */
  readonly listsUuids: boolean
  /** Every value that it ever gave, and for which resource. */
  readonly given: Map<string, string>
  callBacks: CallBacks
  asked: number
  receive(question: OutboundQuestion): Promise<OutboundAnswer>
  offerOf(uuid: string): Offer
  /** Somebody else orders something there. */
  serveAnother(): void
  /** Gives a resource a new value and says so. */
  rotate(uuid: string): Promise<void>
  /** It is away for a while; without memory it forgets whom it served, what it had promised, and now and then a resource. */
  restart(awayMs: number, keepsMemory: boolean): void
}

/** A service that it offers. By the older protocol it names resources by ids of its own, and nothing marks a repeat. */
export interface Offer {
  service: string
  isV1: boolean
  baseUrl: string
  configVar: string
}

export const offers: readonly Offer[] = [
  { service: 'fast-db', isV1: false, baseUrl: 'http://127.0.0.1:9/heroku/resources', configVar: 'FAST_DB_URL' },
  { service: 'old-db', isV1: true, baseUrl: 'http://127.0.0.1:9/old/resources', configVar: 'OLD_DB_URL' },
]

/** Resources on a page of a list. Few, so that most lists have several. */
const listedOnPage = 3

export const short = (uuid: string) => uuid.slice(0, 8)

/** A provider in memory that is honest until its temper says otherwise. It keeps to one answer per uuid. */
export function simulatedProvider(schedule: Schedule, random: Random, story: Story): SimulatedProvider {
  const resources = new Map<string, string>()
  const tombstones = new Set<string>()
  const forgotten = new Set<string>()
  const given = new Map<string, string>()
  const ids = new Map<string, string>()
  const offered = new Map<string, Offer>()
  const strangers = new Map<string, Offer>()
  const takenFromOthers = new Set<string>()
  const listsUuids = random.happens(0.5)
  const lied = new Set<string>()
  /** What it has said to be ready: it does not fail afterwards. */
  const confirmed = new Set<string>()
  let awayUntil = 0
  let lives = 0
  let values = 0
  const wait = (ms: number) => schedule.wait('world', 'provider', ms)
  const say = (line: string) => story.tell(`provider ${line}`)

  function newValue(uuid: string): string {
    const value = `fast://${short(uuid)}.${++values}`
    given.set(value, uuid)
    return value
  }

  /** What stands in the path is the uuid, or by the older protocol its own id. */
  function uuidOf(question: OutboundQuestion): string {
    if (question.method === 'POST') return (JSON.parse(question.body ?? '{}') as { uuid: string }).uuid
    const named = decodeURIComponent(question.url.split('/').at(-1) ?? '')
    return ids.get(named) ?? named
  }

  /** Does what an idempotent provider does. @returns its honest answer */
  function act(question: OutboundQuestion): { status: number; body: unknown } {
    const offer = offers.find(({ baseUrl }) => question.url.startsWith(baseUrl)) as Offer
    if (question.method === 'GET') return { status: 200, body: listed(offer, question) }
    const uuid = uuidOf(question)
    if (question.method === 'POST') {
      const { plan } = JSON.parse(question.body ?? '{}') as { plan: string }
      if (tombstones.has(uuid)) return { status: 410, body: { message: 'That was removed.' } }
      return { status: 201, body: make(offer, uuid, plan) }
    }
    if (question.method === 'PUT') {
      if (!resources.has(uuid)) return { status: 404, body: {} }
      resources.set(uuid, (JSON.parse(question.body ?? '{}') as { plan: string }).plan)
      return { status: 200, body: random.happens(0.3) ? { config: { [offer.configVar]: newValue(uuid) } } : {} }
    }
    if (strangers.delete(uuid)) {
      takenFromOthers.add(uuid)
      return { status: 204, body: {} }
    }
    const was = resources.delete(uuid)
    tombstones.add(uuid)
    return { status: was ? 204 : offer.isV1 ? 404 : 410, body: {} }
  }

  function make(offer: Offer, uuid: string, plan: string): unknown {
    offered.set(uuid, offer)
    if (!offer.isV1) {
      if (!resources.has(uuid)) resources.set(uuid, plan)
      confirmed.add(uuid)
      return { id: uuid, config: { [offer.configVar]: newValue(uuid) } }
    }
    // It knows no repeats: who asks once more gets one more, which nobody knows by its uuid.
    const key = resources.has(uuid) ? `${uuid} once more` : uuid
    const id = `old-${ids.size + 1}`
    ids.set(id, key)
    resources.set(key, plan)
    confirmed.add(uuid)
    return { id, config: { [offer.configVar]: newValue(uuid) } }
  }

  /** One page of what it keeps of a service. */
  function listed(offer: Offer, question: OutboundQuestion): { resources: unknown[]; next: string | null } {
    const idOf = new Map([...ids].map(([id, uuid]) => [uuid, id]))
    const entry = (uuid: string) =>
      offer.isV1 ? { id: idOf.get(uuid), ...(listsUuids ? { uuid } : {}) } : { uuid, id: uuid }
    const all = [
      ...[...resources.keys()]
        .filter((uuid) => provider.offerOf(uuid) === offer)
        .map((key) => ({ key, entry: entry(key) })),
      ...[...strangers]
        .filter(([, one]) => one === offer)
        .map(([key]) => ({ key, entry: offer.isV1 ? { id: key } : { uuid: key } })),
    ].sort((a, b) => (a.key < b.key ? -1 : 1))
    const after = new URL(question.url).searchParams.get('after')
    const rest = after === null ? all : all.filter(({ key }) => key > after)
    const page = rest.slice(0, listedOnPage)
    return {
      resources: page.map(({ entry: one }) => one),
      next: rest.length > page.length ? (page.at(-1)?.key ?? null) : null,
    }
  }

  function later(ms: number, happen: () => Promise<unknown>): void {
    const mine = lives
    schedule.start({ owner: 'world', name: 'provider, later', step: 'provider' }, async () => {
      await wait(ms)
      // What was only in its memory is gone with that.
      if (mine === lives) await happen()
    })
  }

  /** Calls until there is an answer, as providers should: at most four times. */
  async function insist(what: string, call: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 4; tries++) {
      say(what)
      if (await call()) return
      await wait(random.between(10_000, 60_000))
    }
  }

  /** Says later, or twice, or never, what became of a resource. */
  function callLater(uuid: string): void {
    const ends = random.happens(0.7)
    const fails = !ends && random.happens(0.6)
    const delay = random.between(1_000, 20 * 60_000)
    const call = async () => {
      if (random.happens(0.5)) await provider.callBacks.patch(uuid, newValue(uuid))
      // Asked twice, it may have made up its mind twice: what it has said to be there stays, and what has failed is not there.
      if (ends && resources.has(uuid)) confirmed.add(uuid)
      if (ends && resources.has(uuid))
        await insist(`calls provisioned ${short(uuid)}`, () => provider.callBacks.provisioned(uuid))
      else if (fails && !confirmed.has(uuid)) {
        resources.delete(uuid)
        tombstones.add(uuid)
        await insist(`calls failed ${short(uuid)}`, () => provider.callBacks.failed(uuid))
      }
    }
    later(delay, call)
    if (random.happens(0.2)) {
      story.reached('fault', 'call-back twice')
      later(delay + random.between(0, 60_000), call)
    }
  }

  function defer(question: OutboundQuestion): OutboundAnswer {
    const uuid = uuidOf(question)
    if (question.method === 'POST') {
      const was = confirmed.has(uuid)
      const { status } = act(question)
      if (!was) confirmed.delete(uuid)
      if (status === 410) return answer(410, { message: 'That was removed.' })
      callLater(uuid)
      return answer(202, { id: uuid })
    }
    later(random.between(1_000, 3_600_000), async () => {
      resources.delete(uuid)
      tombstones.add(uuid)
      if (random.happens(0.7)) await insist(`calls removed ${short(uuid)}`, () => provider.callBacks.failed(uuid))
    })
    return answer(202, {})
  }

  function happen(fault: Fault, question: OutboundQuestion): Promise<OutboundAnswer> {
    return fault.happen({
      question,
      random,
      wait,
      act: () => act(question),
      actLater: (ms) => later(ms, async () => void act(question)),
      callReady: async () => void (await provider.callBacks.provisioned(uuidOf(question))),
    })
  }

  const provider: SimulatedProvider = {
    temper: { ...honest },
    resources,
    tombstones,
    forgotten,
    ids,
    strangers,
    takenFromOthers,
    listsUuids,
    given,
    offerOf: (uuid) => offered.get(uuid) ?? (offers[0] as Offer),
    serveAnother() {
      const offer = random.pick(offers)
      strangers.set(offer.isV1 ? `theirs-${strangers.size + takenFromOthers.size + 1}` : random.uuid(), offer)
    },
    callBacks: { provisioned: async () => false, failed: async () => false, patch: async () => false },
    asked: 0,
    async receive(question) {
      const { temper } = provider
      const isV1 = offers.some((offer) => offer.isV1 && question.url.startsWith(offer.baseUrl))
      const name = `${question.method} ${question.method === 'GET' ? `list${isV1 ? ' of v1' : ''}` : short(uuidOf(question))}`
      const step = schedule.task()?.step ?? '-'
      provider.asked++
      await wait(random.between(2, 400))
      if (schedule.now().getTime() < awayUntil) {
        say(`${name} → away`)
        story.reached('fault', `${step} × provider is away`)
        return { got: 'not sent', reason: 'ECONNREFUSED' }
      }
      const once = `${name} ${question.method === 'GET' ? '' : uuidOf(question)}`
      if (random.happens(temper.lies) && !(temper.onlyOrdinary && lied.has(once))) {
        lied.add(once)
        const possible = faults.filter(
          ({ methods, isOrdinary, onlyV3 }) =>
            (methods ? methods.includes(question.method) : true) &&
            (isOrdinary || !temper.onlyOrdinary) &&
            !(isV1 && onlyV3),
        )
        const fault = random.pick(possible)
        say(`${name} → ${fault.name}`)
        story.reached('fault', `${step} × ${fault.name}`)
        return happen(fault, question)
      }
      if (question.method === 'POST' && random.happens(temper.refuses)) {
        say(`${name} → refused`)
        return answer(random.pick([422, 402, 400]), { message: 'No.' })
      }
      // By the older protocol there is nothing to call when it is done.
      if (!isV1 && (question.method === 'POST' || question.method === 'DELETE') && random.happens(temper.defers)) {
        say(`${name} → 202`)
        story.reached('fault', `${step} × 202 and a call-back, or none`)
        return defer(question)
      }
      const { status, body } = act(question)
      say(`${name} → ${status}`)
      return answer(status, body)
    },
    async rotate(uuid) {
      if (!resources.has(uuid)) return
      const value = newValue(uuid)
      await insist(`rotates ${short(uuid)}`, () => provider.callBacks.patch(uuid, value))
    },
    restart(awayMs, keepsMemory) {
      awayUntil = schedule.now().getTime() + awayMs
      say(`restarts ${keepsMemory ? 'with' : 'without'} its memory`)
      story.reached('fault', `provider restarts ${keepsMemory ? 'with' : 'without'} memory`)
      if (keepsMemory) return
      lives++
      tombstones.clear()
      for (const uuid of resources.keys()) {
        if (!random.happens(0.15)) continue
        resources.delete(uuid)
        forgotten.add(uuid)
      }
    },
  }
  return provider
}
