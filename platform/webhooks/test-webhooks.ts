import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebhookBody } from '@mortise/contract/events/body'
import type { EventResource } from '@mortise/contract/events/names'
import { authenticator } from '../accounts/authenticate.js'
import { marketplace, type Person } from '../addons/test-addons.js'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { createOutbound } from '../http/outbound.js'
import { createHttpServer } from '../http/server.js'
import type { JsonObject } from '../saga/saga.js'
import { guardOf } from '../start/guard.js'
import type { World } from '../world/world.js'
import { deliverOne } from './deliver.js'
import { publishSome } from './publish.js'
import type { WebhookDeps } from './reconcilers.js'
import { webhookRoutes } from './routes.js'

export type TestWebhooks = Awaited<ReturnType<typeof testWebhooks>>

/** The marketplace of addons/ with webhooks, and a receiver that may lie. Nothing goes on behind: tests say when. */
export async function testWebhooks(installation = { localhost: true }) {
  const market = await marketplace(installation)
  const { db, secrets } = market
  // Chance without surprises: a back-off is exactly what it is before it is spread.
  const world: World = { ...market.world, chance: () => 0.5 }
  const outbound = createOutbound({ loopbackAllowed: true })
  const addresses = {
    webUrl: (name: string) => `http://${name}.localhost:5055/`,
    gitUrl: (name: string) => `http://localhost:5055/${name}.git`,
    hostname: (name: string) => `${name}.localhost`,
  }
  const deps: WebhookDeps = {
    db,
    world,
    secrets,
    outbound,
    addresses,
    origin: 'http://localhost:5055',
    answerMs: 400,
  }
  const faults: unknown[] = []
  const lines: unknown[] = []
  const server = await createHttpServer({
    world,
    handlers: webhookRoutes({ db, world, secrets, isAtHome: installation.localhost }),
    authenticate: authenticator(db, world),
    guard: guardOf(db, world.now),
    log: (line) => void lines.push(line),
    onFault: (error) => void faults.push(error),
    checkAnswers: true,
  })
  const receiver = await lyingReceiver()

  async function ask(
    as: Person | { token: string } | null,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
    headers: Record<string, string> = {},
  ) {
    const token = as === null ? null : typeof as === 'string' ? `token-of-${as}` : as.token
    const answer = await server.inject({
      method,
      url,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      ...(payload ? { payload } : {}),
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape; checkAnswers has checked them.
    return { status: answer.statusCode, body: answer.json() as any, headers: answer.headers, text: answer.body }
  }

  return {
    ...market,
    world,
    deps,
    faults,
    lines,
    receiver,
    ask,
    /** A webhook of ann's app, unless told otherwise. */
    async webhook(app: string, change: object = {}, as: Person | { token: string } = 'ann', path = `/apps/${app}`) {
      const wanted = { include: ['api:app'], level: 'notify', url: `${receiver.url}/hooks`, ...change }
      const answer = await ask(as, 'POST', `${path}/webhooks`, wanted)
      if (answer.status !== 201) throw new Error(answer.text)
      return { id: answer.body.id as string, secret: answer.headers['heroku-webhook-secret'] as string | undefined }
    },
    /** Something happened, as the rooms write it. */
    async event(
      appId: string,
      subject: string,
      given: {
        resource?: EventResource
        action?: 'create' | 'update' | 'destroy'
        data?: JsonObject
        previous?: JsonObject
      } = {},
    ) {
      const id = randomUUID()
      const { resource = 'app', action = 'update', data = {}, previous } = given
      const actor = { id: market.people.ann.id, email: market.people.ann.email }
      const event = { id, at: world.now(), actor, action, resource, subject, appId, data }
      await transact(db, (tx) => appendEvent(tx, previous ? { ...event, previous } : event))
      return id
    },
    async publish() {
      while (await publishSome(deps)) {}
    },
    /** Makes every attempt that is due now. @returns how many */
    async deliver() {
      let made = 0
      while ((await deliverOne(deps, false)) || (await deliverOne(deps, true))) made++
      return made
    },
    async deliveries(app: string, query = '') {
      const answer = await ask('ann', 'GET', `/apps/${app}/webhook-deliveries${query}`)
      if (answer.status > 206) throw new Error(answer.text)
      return answer.body as {
        id: string
        status: string
        num_attempts: number
        next_attempt_at: string | null
        last_attempt: { id: string; code: number | null; error_class: string | null } | null
        event: { id: string }
      }[]
    },
    advance(ms: number) {
      market.clock.aheadMs += ms
    },
    async close() {
      await receiver.stop()
      await server.close()
      await outbound.close()
      await market.end()
    },
  }
}

/** What the receiver does with one request, instead of taking it. */
export type Lie =
  | { status: number; headers?: Record<string, string>; body?: string }
  | { hang: true }
  | { hangUp: true }
  /** Never ends its answer. */
  | { endless: true }

export interface Received {
  path: string
  headers: http.IncomingHttpHeaders
  raw: string
  body: WebhookBody
}

/** Takes every webhook with 204 until it is told to lie. */
export async function lyingReceiver() {
  const received: Received[] = []
  const lies: Lie[] = []
  const state = { always: null as Lie | null }
  const server = http.createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const raw = Buffer.concat(chunks).toString('utf8')
    received.push({ path: req.url ?? '', headers: req.headers, raw, body: JSON.parse(raw) as WebhookBody })
    const lie = lies.shift() ?? state.always
    if (!lie) return void res.writeHead(204).end()
    if ('hang' in lie) return
    if ('hangUp' in lie) return void req.socket.destroy()
    if ('endless' in lie) {
      res.writeHead(200)
      const pour = setInterval(() => res.write('x'.repeat(1024)), 1)
      return void res.on('close', () => clearInterval(pour))
    }
    res.writeHead(lie.status, lie.headers).end(lie.body ?? '')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** The next requests are met with these, in turn. */
    lie: (...more: Lie[]) => void lies.push(...more),
    /** Every request is met with this, until told otherwise. */
    always: (lie: Lie | null) => {
      state.always = lie
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
