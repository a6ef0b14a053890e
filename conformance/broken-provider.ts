import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { brokenSignOn, type SignOnHabits, soundSignOn } from './broken-sign-on.js'

export const slug = 'fast-db'
export const password = 'p'.repeat(24)
export const salt = 's'.repeat(24)

export interface Resource {
  uuid: string
  id: string
  plan: string
  secret: string
}

export interface Reply {
  status: number
  body?: unknown
  /** Sent as it is, in the place of `body`. */
  text?: string
  headers?: Record<string, string | string[]>
}

/** How the provider behaves. Sound in every point until a point is changed. */
export interface Habits extends SignOnHabits {
  lets(user: string, password: string, method: string): boolean
  pauseMs: { POST: number; PUT: number; DELETE: number; SSO: number }
  /**
   * Which requests for the same uuid it recognises: all, none, or only those that do not cross. The last holds a request
   * until it was crossed by another of the same uuid, for pauseMs.POST at the longest.
   */
  repeats: 'known' | 'new' | 'racing'
  /** Whether it looks a resource up by its own id as well, or by the uuid alone. */
  knowsIds: boolean
  idOf(uuid: string, body: Record<string, unknown>): unknown
  configOf(resource: Resource): unknown
  provisioned(resource: Resource, repeat: boolean): Reply
  /** Judges a request before anything is made: a reply is a refusal. */
  refuses(body: Record<string, unknown>): Reply | null
  changed(resource: Resource, plan: string): Reply
  /** What is answered for an id that is not there. */
  missing: { PUT: Reply; DELETE: Reply }
  removed(resource: Resource, headers: IncomingMessage['headers']): Reply
  /** Whether a removal is done at once; without it the removed are still there. */
  forgets: boolean
  /** What is answered to whoever asks for everything that is kept. */
  listed(resources: Resource[]): Reply
  /** What a request for a removed uuid gets; null makes the resource anew. */
  buried: Reply | null
  /** Whether a removal of what is unknown is remembered, and a removal waits for the request it crosses. */
  isPatient: boolean
  /** What it does before it answers a provision request. */
  before(body: Record<string, unknown>, provider: BrokenProvider): Promise<void> | void
  /** What it does behind its answers, with a call to the platform. */
  behind(resource: Resource, body: Record<string, unknown>, provider: BrokenProvider): Promise<void> | void
}

export const soundHabits: Habits = {
  ...soundSignOn,
  lets: (user, secret) => user === slug && secret === password,
  pauseMs: { POST: 0, PUT: 0, DELETE: 0, SSO: 0 },
  repeats: 'known',
  knowsIds: true,
  idOf: (uuid) => uuid,
  configOf: ({ secret }) => ({ FAST_DB_URL: `fast://user:${secret}@db.example.com/1` }),
  provisioned: (resource) => ({ status: 201, body: { id: resource.id, message: 'Made.' } }),
  refuses: ({ plan }) =>
    ['mini', 'big'].includes(String(plan)) ? null : { status: 422, body: { message: `There is no plan ${plan}.` } },
  changed: () => ({ status: 200, body: {} }),
  missing: { PUT: { status: 404, body: {} }, DELETE: { status: 410, body: {} } },
  removed: () => ({ status: 204 }),
  forgets: true,
  listed: (resources) => ({
    status: 200,
    body: { resources: resources.map(({ uuid, id }) => ({ uuid, id })), next: null },
  }),
  buried: { status: 410, body: { message: 'It was removed.' } },
  isPatient: true,
  before: () => undefined,
  behind: () => undefined,
}

export interface BrokenProvider {
  url: string
  /** What exists: an inspection leaves this empty. */
  resources: Resource[]
  /** Provision requests, as they came. */
  asked: Record<string, unknown>[]
  /** Resolves when it was asked to remove this, and has answered; or when it is closed. */
  untilRemovalOf(uuid: string): Promise<void>
  /** Resolves when all that it does behind its answers is done, and with it every call to the platform. */
  atRest(): Promise<void>
  close(): Promise<void>
}

/** A small provider of either generation, on a free loopback port, that breaks in the points it is told to. */
export async function brokenProvider(change: Partial<Habits> = {}): Promise<BrokenProvider> {
  const habits = { ...soundHabits, ...change }
  const graves = new Set<string>()
  const busy = new Map<string, Promise<unknown>>()
  const jobs: Promise<void>[] = []
  /** Rung whenever a request came or was answered, so that nothing here has to be guessed by the clock. */
  const bell = new EventEmitter().setMaxListeners(0)
  const removals = new Set<string>()
  let isClosed = false
  async function until(isSo: () => boolean, ms?: number): Promise<void> {
    const ends = ms === undefined ? undefined : AbortSignal.timeout(ms)
    while (!isSo() && !isClosed && !ends?.aborted) {
      await once(bell, 'rung', ends ? { signal: ends } : {}).catch(() => undefined)
    }
  }
  const find = (id: string) =>
    provider.resources.find((each) => each.uuid === id || (habits.knowsIds && String(each.id) === id))
  const signOn = brokenSignOn(habits, { salt, find })
  let count = 0

  const server = createServer(async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://provider')
    const text = Buffer.concat(await req.toArray()).toString('utf8')
    const own = /^\/heroku\/resources(?:\/(.+))?$/.exec(url.pathname)
    if (url.pathname === '/sso' || (own?.[1] && req.method === 'GET')) {
      await pause(habits.pauseMs.SSO)
      const form = Object.fromEntries(req.method === 'GET' ? url.searchParams : new URLSearchParams(text))
      return send(res, signOn.open(own?.[1] ? { ...form, id: own[1] } : form))
    }
    if (url.pathname === '/dashboard') return send(res, signOn.page(req))
    if (!own) return send(res, { status: 404 })
    const [user = '', secret = ''] = basicOf(req)
    if (!habits.lets(user, secret, req.method ?? '')) return send(res, { status: 401, body: { message: 'No.' } })
    if (req.method === 'GET') return send(res, habits.listed(provider.resources))
    const id = decodeURIComponent(own[1] ?? '')
    const body = text ? JSON.parse(text) : {}
    if (req.method === 'POST') return send(res, await provision(body))
    if (req.method === 'PUT') return send(res, await changePlan(id, body.plan))
    const reply = await deprovision(id, req.headers)
    res.once('finish', () => {
      removals.add(id)
      bell.emit('rung')
    })
    send(res, reply)
  })

  async function provision(body: Record<string, unknown>): Promise<Reply> {
    provider.asked.push(body)
    bell.emit('rung')
    const uuid = String(body.uuid)
    // One after the other for each uuid, except for those who look first and make later.
    const turn = habits.repeats === 'racing' ? Promise.resolve() : busy.get(uuid)
    const work = (turn ?? Promise.resolve()).then(async () => {
      const known = habits.repeats === 'new' ? undefined : find(uuid)
      if (known) return answer(known, true)
      if (graves.has(uuid) && habits.buried) return habits.buried
      const refusal = habits.refuses(body)
      if (refusal) return refusal
      const crossed = () => provider.asked.filter((each) => each.uuid === uuid).length > 1
      if (habits.repeats === 'racing') await until(crossed, habits.pauseMs.POST)
      else await pause(habits.pauseMs.POST)
      await habits.before(body, provider)
      const secret = `secret-${++count}-of-the-customer`
      const resource = { uuid, id: habits.idOf(uuid, body) as string, plan: String(body.plan), secret }
      provider.resources.push(resource)
      jobs.push(Promise.resolve(habits.behind(resource, body, provider)).catch(() => undefined))
      return answer(resource, false)
    })
    busy.set(uuid, work)
    return work
  }

  function answer(resource: Resource, isRepeat: boolean): Reply {
    const reply = habits.provisioned(resource, isRepeat)
    const config = habits.configOf(resource)
    const isObject = typeof reply.body === 'object' && reply.body !== null
    const hasConfig = isObject && reply.status !== 202 && config !== undefined && !('config' in (reply.body as object))
    return hasConfig ? { ...reply, body: { ...(reply.body as object), config } } : reply
  }

  async function changePlan(id: string, plan: string): Promise<Reply> {
    await pause(habits.pauseMs.PUT)
    const resource = find(id)
    if (!resource) return habits.missing.PUT
    const reply = habits.refuses({ uuid: resource.uuid, plan }) ?? habits.changed(resource, plan)
    if (reply.status < 300) resource.plan = plan
    return reply
  }

  async function deprovision(id: string, headers: IncomingMessage['headers']): Promise<Reply> {
    if (habits.isPatient) await busy.get(id)
    await pause(habits.pauseMs.DELETE)
    const resource = find(id)
    if (!resource) {
      if (habits.isPatient) graves.add(id)
      return habits.missing.DELETE
    }
    const reply = habits.removed(resource, headers)
    if (reply.status >= 300) return reply
    graves.add(resource.uuid)
    if (habits.forgets) provider.resources.splice(provider.resources.indexOf(resource), 1)
    return reply
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const provider: BrokenProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resources: [],
    asked: [],
    untilRemovalOf: (uuid) => until(() => removals.has(uuid)),
    async atRest() {
      for (let seen = -1; seen !== jobs.length; ) {
        seen = jobs.length
        await Promise.all(jobs)
      }
    },
    async close() {
      isClosed = true
      bell.emit('rung')
      await Promise.all(jobs)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return provider
}

/** The manifest that fits it. */
export function manifestOf(url: string, version: '1' | '3' = '3') {
  return {
    id: slug,
    name: 'Fast DB',
    api: {
      version,
      password,
      sso_salt: salt,
      config_vars: ['FAST_DB_URL'],
      regions: ['us'],
      requires: [] as string[],
      production: { base_url: 'https://fast.example.com/heroku/resources', sso_url: 'https://fast.example.com/sso' },
      test: { base_url: `${url}/heroku/resources`, sso_url: `${url}/sso` } as unknown,
    },
    plans: [
      { name: 'mini', price: { cents: 0, unit: 'month' }, default: true },
      { name: 'big', price: { cents: 500, unit: 'month' } },
    ],
  }
}

function basicOf(req: IncomingMessage): string[] {
  const [, encoded = ''] = /^Basic (.+)$/.exec(req.headers.authorization ?? '') ?? []
  return Buffer.from(encoded, 'base64').toString('utf8').split(':')
}

function send(res: ServerResponse, { status, body, text, headers = {} }: Reply): void {
  const data = text ?? (body === undefined ? '' : JSON.stringify(body))
  res.writeHead(status, { 'content-type': text ? 'text/html' : 'application/json', ...headers }).end(data)
}
