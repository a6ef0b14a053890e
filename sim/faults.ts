import type { OutboundAnswer, OutboundQuestion } from '../platform/http/outbound.js'
import type { Random } from './random.js'

/** One request on its way, and what the network and the provider can do with it. */
export interface Passage {
  question: OutboundQuestion
  random: Random
  /** The provider does what it is asked, and this would be its honest answer. */
  act(): { status: number; body: unknown }
  wait(ms: number): Promise<void>
  /** It arrives so much later, when nobody waits for an answer any more. */
  actLater(ms: number): void
  /** Calls back: the resource is ready. */
  callReady(): Promise<void>
}

/** A named way in which a call goes wrong. */
export interface Fault {
  name: string
  /** Whether the platform gets over it by itself within two minutes when it happens once. */
  isOrdinary: boolean
  /** Nothing that the older protocol knows, or that it could get over. */
  onlyV3?: boolean
  /** Left out: all of them. */
  methods?: readonly OutboundQuestion['method'][]
  happen(passage: Passage): Promise<OutboundAnswer>
}

/** Waits for an answer are cut off then. */
const patienceMs = 25_000
/** A late request arrives at most this much later: the platform looks again for 13 hours. */
const latestMs = 40 * 60_000

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): OutboundAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/html' : 'application/json'
  return { got: 'answer', status, headers: { 'content-type': type, ...headers }, body: text, cut: false }
}

const silence = async ({ wait }: Passage): Promise<OutboundAnswer> => {
  await wait(patienceMs)
  return { got: 'silence', reason: 'no answer within 25 s' }
}
const post = ['POST'] as const

export const faults: readonly Fault[] = [
  { name: 'refused connection', isOrdinary: true, happen: async () => ({ got: 'not sent', reason: 'ECONNREFUSED' }) },
  { name: 'no such host', isOrdinary: true, happen: async () => ({ got: 'not sent', reason: 'ENOTFOUND' }) },
  { name: 'lost on the way there', isOrdinary: true, happen: silence },
  {
    name: 'lost on the way back',
    isOrdinary: true,
    async happen(passage) {
      passage.act()
      return silence(passage)
    },
  },
  {
    // Not of a PUT: one that overtakes a newer one can't be told from it by anybody, the wire has no order.
    name: 'arrives long after the time-out',
    isOrdinary: true,
    methods: ['POST', 'DELETE'],
    async happen(passage) {
      passage.actLater(passage.random.between(26_000, latestMs))
      return silence(passage)
    },
  },
  {
    name: 'reset before the answer',
    isOrdinary: true,
    async happen({ act, random }) {
      if (random.happens(0.5)) act()
      return { got: 'silence', reason: 'ECONNRESET' }
    },
  },
  {
    name: 'reset in the middle of the body',
    isOrdinary: true,
    async happen({ act, wait }) {
      act()
      await wait(1_500)
      return { got: 'silence', reason: 'UND_ERR_SOCKET' }
    },
  },
  {
    name: '500 after doing it',
    isOrdinary: true,
    async happen({ act }) {
      act()
      return answer(500, { message: 'oops' })
    },
  },
  {
    name: '502 or 504 by a proxy',
    isOrdinary: true,
    happen: async ({ random }) => answer(random.pick([502, 504]), '<html>Bad gateway</html>'),
  },
  { name: '503 without JSON', isOrdinary: true, happen: async () => answer(503, 'down for maintenance') },
  { name: '503 with words', isOrdinary: false, happen: async () => answer(503, { message: 'Come back later.' }) },
  { name: '408', isOrdinary: true, happen: async () => answer(408, {}) },
  {
    name: '409 of a request that raced another',
    isOrdinary: true,
    async happen({ act, random }) {
      if (random.happens(0.5)) act()
      return answer(409, { message: 'Busy with that one.' })
    },
  },
  {
    name: '429 with Retry-After',
    isOrdinary: true,
    happen: async ({ random }) =>
      answer(random.pick([429, 425]), { message: 'Slow down.' }, { 'retry-after': String(random.between(1, 90)) }),
  },
  {
    name: 'redirect',
    isOrdinary: true,
    happen: async ({ random }) => answer(random.pick([301, 302, 307]), '', { location: 'http://10.0.0.1/' }),
  },
  {
    name: 'refuses us (401, 403, 406, 415)',
    isOrdinary: false,
    happen: async ({ random }) => answer(random.pick([401, 403, 406, 415]), {}),
  },
  { name: '404 that is not true', isOrdinary: false, happen: async () => answer(404, '<html>Not found</html>') },
  {
    name: '200 that is no JSON',
    isOrdinary: true,
    methods: post,
    async happen({ act, random }) {
      act()
      return answer(random.pick([200, 201]), '<html>Welcome</html>')
    },
  },
  {
    name: '201 with half a body',
    isOrdinary: true,
    methods: post,
    async happen({ act }) {
      act()
      return answer(201, '{"id": "half an answ')
    },
  },
  {
    name: '201 with more than is read',
    isOrdinary: true,
    methods: post,
    async happen({ act }) {
      const honest = act()
      return { ...answer(201, honest.body), cut: true } as OutboundAnswer
    },
  },
  {
    name: '204 to a POST',
    isOrdinary: true,
    methods: post,
    async happen({ act }) {
      act()
      return answer(204, '')
    },
  },
  {
    name: '201 without id',
    isOrdinary: false,
    methods: post,
    async happen({ act }) {
      act()
      return answer(201, { config: {} })
    },
  },
  {
    name: 'config that is not declared, reserved, no text or not printable',
    isOrdinary: false,
    methods: ['POST', 'PUT'],
    async happen({ act, random, question }) {
      const { id } = act().body as { id?: string }
      const config = random.pick([
        { LD_PRELOAD: 'x' },
        { OTHER_URL: 'x' },
        { FAST_DB_URL: 7 },
        [],
        { FAST_DB_URL: 'a\0' },
      ])
      return answer(question.method === 'POST' ? 201 : 200, { id, config })
    },
  },
  {
    name: '202 for ever',
    isOrdinary: false,
    methods: ['POST', 'DELETE'],
    async happen({ act, random, question }) {
      if (question.method === 'POST' && random.happens(0.5)) act()
      return answer(202, { message: 'Working on it.' })
    },
  },
  {
    // By the older protocol the second one would be one more, and unknown to whoever asked.
    name: 'done twice',
    isOrdinary: true,
    onlyV3: true,
    async happen({ act }) {
      act()
      const { status, body } = act()
      return answer(status, body)
    },
  },
  {
    name: 'call-back before the answer',
    isOrdinary: true,
    onlyV3: true,
    methods: post,
    async happen({ act, callReady, wait, random }) {
      const { status, body } = act()
      if (status === 201) await callReady()
      await wait(random.between(1, 3_000))
      return status === 201 && random.happens(0.5) ? answer(202, {}) : answer(status, body)
    },
  },
  {
    name: 'half a list',
    isOrdinary: true,
    methods: ['GET'],
    happen: async () => answer(200, '{"resources": [{"uuid": "'),
  },
  {
    name: 'a list that leads in a circle',
    isOrdinary: true,
    methods: ['GET'],
    happen: async ({ act }) => answer(200, { ...(act().body as object), next: 'round and round' }),
  },
  {
    name: 'a list that leaves things out',
    isOrdinary: true,
    methods: ['GET'],
    async happen({ act, random }) {
      const page = act().body as { resources: unknown[] }
      return answer(200, { ...page, resources: page.resources.filter(() => random.happens(0.5)) })
    },
  },
  {
    name: 'a list that names a thing twice',
    isOrdinary: true,
    methods: ['GET'],
    async happen({ act }) {
      const page = act().body as { resources: { uuid?: string }[] }
      const [first] = page.resources
      return answer(200, {
        ...page,
        resources: [...page.resources, ...(first ? [{ ...first, id: 'another-id' }] : [])],
      })
    },
  },
]
