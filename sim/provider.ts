import type { Outbound, OutboundAnswer, OutboundQuestion } from '../platform/http/outbound.js'
import type { Clock } from './clock.js'
import type { Random } from './random.js'

/** How likely a provider, and the network to it, misbehave. Everything 0 is an honest world. */
export interface Temper {
  lies: number
  refuses: number
  /** Answers 202 and calls back later, or never. */
  defers: number
  /** Loses its memory of who it served. */
  forgets: number
}

export const honest: Temper = { lies: 0, refuses: 0, defers: 0, forgets: 0 }

/** What the provider calls at the platform; the simulation hands the doors in. */
export interface CallBacks {
  provisioned(uuid: string): Promise<void>
  failed(uuid: string): Promise<void>
  patch(uuid: string, value: string): Promise<void>
}

export interface SimulatedProvider extends Outbound {
  temper: Temper
  /** What it really holds: uuid → plan. */
  readonly resources: ReadonlyMap<string, string>
  readonly tombstones: ReadonlySet<string>
  callBacks: CallBacks | undefined
  /** A line for the story of a seed. */
  readonly said: string[]
}

/** A late request arrives at most this much later: the platform looks again for 13 hours. */
const latestMs = 40 * 60_000

/** A provider in memory that lies by seed: late, lost, doubled, malformed, refusing, deferring, forgetting. */
export function simulatedProvider(clock: Clock, random: Random, tell: (line: string) => void): SimulatedProvider {
  const resources = new Map<string, string>()
  const tombstones = new Set<string>()
  const said: string[] = []
  const value = (uuid: string) => `fast://${uuid.slice(0, 8)}.${random.between(0, 9999)}`
  const say = (line: string) => {
    said.push(line)
    tell(`provider ${line}`)
  }

  /** Does what an idempotent provider does. @returns its honest answer */
  function act(question: OutboundQuestion): { status: number; body: unknown } {
    const id = decodeURIComponent(question.url.split('/').at(-1) ?? '')
    if (question.method === 'POST') {
      const body = JSON.parse(question.body ?? '{}') as { uuid: string; plan: string }
      if (tombstones.has(body.uuid)) return { status: 410, body: { message: 'That was removed.' } }
      if (!resources.has(body.uuid)) resources.set(body.uuid, body.plan)
      return { status: 201, body: { id: body.uuid, config: { FAST_DB_URL: value(body.uuid) } } }
    }
    if (question.method === 'PUT') {
      if (!resources.has(id)) return { status: 404, body: {} }
      resources.set(id, (JSON.parse(question.body ?? '{}') as { plan: string }).plan)
      return { status: 200, body: random.happens(0.3) ? { config: { FAST_DB_URL: value(id) } } : {} }
    }
    const was = resources.delete(id)
    tombstones.add(id)
    return { status: was ? 204 : 410, body: {} }
  }

  /** Says now, or before it answers, or later, or twice, what became of a resource. */
  function callLater(uuid: string): void {
    const ends = random.happens(0.7)
    const delay = random.between(1_000, 20 * 60_000)
    const call = async () => {
      if (!provider.callBacks) return
      if (random.happens(0.5)) await provider.callBacks.patch(uuid, value(uuid))
      if (ends) {
        say(`calls provisioned ${short(uuid)}`)
        await provider.callBacks.provisioned(uuid)
      } else if (random.happens(0.6)) {
        say(`calls failed ${short(uuid)}`)
        resources.delete(uuid)
        tombstones.add(uuid)
        await provider.callBacks.failed(uuid)
      }
    }
    clock.at(new Date(clock.now().getTime() + delay), call)
    if (random.happens(0.2)) clock.at(new Date(clock.now().getTime() + delay + random.between(0, 60_000)), call)
  }

  const provider: SimulatedProvider = {
    temper: { ...honest },
    resources,
    tombstones,
    callBacks: undefined,
    said,
    async send(question) {
      const { temper } = provider
      const name = `${question.method} ${short(uuidOf(question))}`
      await clock.advance(random.between(2, 400))
      if (random.happens(temper.forgets)) tombstones.clear()
      if (random.happens(temper.lies)) return lie(question, name)
      if (question.method === 'POST' && random.happens(temper.refuses)) {
        say(`${name} → 422`)
        return answer(random.pick([422, 402, 400]), { message: 'No.' })
      }
      if (question.method !== 'PUT' && random.happens(temper.defers)) {
        say(`${name} → 202`)
        if (question.method === 'POST') {
          const { status } = act(question)
          if (status === 410) return answer(410, { message: 'That was removed.' })
          if (random.happens(0.25)) await provider.callBacks?.provisioned(uuidOf(question))
          else callLater(uuidOf(question))
        } else {
          const uuid = uuidOf(question)
          clock.at(new Date(clock.now().getTime() + random.between(1_000, 3_600_000)), async () => {
            resources.delete(uuid)
            tombstones.add(uuid)
            if (random.happens(0.7)) await provider.callBacks?.failed(uuid)
          })
        }
        return answer(202, { id: uuidOf(question) })
      }
      const { status, body } = act(question)
      say(`${name} → ${status}`)
      return answer(status, body)
    },
    close: async () => undefined,
  }

  /** Thirteen ways to go wrong. */
  async function lie(question: OutboundQuestion, name: string): Promise<OutboundAnswer> {
    const way = random.between(1, 13)
    say(`${name} → lie ${way}`)
    switch (way) {
      case 1:
        return { got: 'not sent', reason: 'ECONNREFUSED' }
      case 2:
        // Lost on the way there.
        await clock.advance(25_000)
        return { got: 'silence', reason: 'no answer within 25 s' }
      case 3:
        // Lost on the way back.
        act(question)
        await clock.advance(25_000)
        return { got: 'silence', reason: 'no answer within 25 s' }
      case 4: {
        // Late: it arrives long after we stopped waiting.
        const at = new Date(clock.now().getTime() + random.between(26_000, latestMs))
        clock.at(at, async () => void act(question))
        await clock.advance(25_000)
        return { got: 'silence', reason: 'no answer within 25 s' }
      }
      case 5:
        act(question)
        return { got: 'silence', reason: 'ECONNRESET' }
      case 6:
        act(question)
        return answer(500, 'oops')
      case 7:
        return answer(random.pick([500, 502, 504]), '<html>Bad gateway</html>')
      case 8:
        return answer(503, random.happens(0.5) ? { message: 'Come back later.' } : 'down')
      case 9:
        act(question)
        return answer(question.method === 'POST' ? 201 : 200, '{"id": "half an answ')
      case 10:
        act(question)
        return answer(201, {
          id: uuidOf(question),
          config: random.pick([{ LD_PRELOAD: 'x' }, { FAST_DB_URL: 7 }, [], { FAST_DB_URL: 'a\u0000' }]),
        })
      case 11:
        return answer(random.pick([408, 409, 425, 429]), { message: 'Busy.' })
      case 12:
        // Doubled: somebody on the way sends it twice.
        act(question)
        return answer(act(question).status, act(question).body)
      default:
        return answer(random.pick([301, 302, 401, 403, 404, 406]), {})
    }
  }
  return provider
}

function answer(status: number, body: unknown): OutboundAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    got: 'answer',
    status,
    headers: { 'content-type': typeof body === 'string' ? 'text/html' : 'application/json' },
    body: text,
    cut: false,
  }
}

function uuidOf(question: OutboundQuestion): string {
  if (question.method === 'POST') return (JSON.parse(question.body ?? '{}') as { uuid: string }).uuid
  return decodeURIComponent(question.url.split('/').at(-1) ?? '')
}

export const short = (uuid: string) => uuid.slice(0, 8)
