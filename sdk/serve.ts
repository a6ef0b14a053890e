import type { IncomingMessage, ServerResponse } from 'node:http'
import { isAuthentic } from './authentic.js'
import { createGrants } from './grant.js'
import { type Answer, formFields, readForm, readJson, requestUrl, send } from './http.js'
import { type Handler, type Listening, listen } from './listen.js'
import { createLog, type LogLine } from './log.js'
import { memoryStore } from './memory-store.js'
import { createPlatformClient, type PlatformClient } from './platform.js'
import type { ResourceStore } from './resource.js'
import { type Service, type ServiceIdentity, serviceFromIdentity, serviceOf } from './service.js'
import { readSession, type Session } from './session.js'
import { createSignOn } from './sign-on.js'
import type { SignOn, TokenKind } from './sso.js'
import { checkConfig, createVerbs, type Provisioned, refusalAnswer, type Work } from './verbs.js'

export type { Handler, Listening } from './listen.js'
export { memoryStore } from './memory-store.js'
export { later, Refused, Unavailable } from './outcome.js'
export type { Resource, ResourceState, ResourceStore, Tokens } from './resource.js'
export type { Session } from './session.js'
export type { SignOn } from './sso.js'
export type { PlanChanged, Provisioned, ProvisionRequest } from './verbs.js'

export interface ProviderOptions extends Work {
  /** The manifest as pushed, or the three words that matter of it. */
  manifest: unknown | ServiceIdentity
  /** Further passwords and salts that are still, or already, good: for changing them without a gap. */
  otherPasswords?: readonly string[]
  otherSsoSalts?: readonly string[]
  /** Where the platform is: its API, and the host of /oauth/token (by default the same). Without it there are no calls back. */
  platform?: { api: string; id?: string }
  /** The service's OAuth secret; a function is asked each time. */
  clientSecret?: string | (() => Promise<string | null>)
  /** By default in memory, which is not for customers' data. */
  store?: ResourceStore
  /** Which sign-on tokens are good. By default the one that covers the person. */
  tokens?: readonly TokenKind[]
  /** Where a person who signed on goes: a path of yours. Without it sign-on answers 404. */
  session?(signOn: SignOn): Promise<string> | string
  now?(): Date
  log?(line: LogLine): void
}

export interface Provider {
  /** Answers the requests that are the platform's. False: not ours, nothing was written; it never throws. */
  handler(req: IncomingMessage, res: ServerResponse): Promise<boolean>
  /** A server of its own. Port 0 takes a free one. `pages` gets what is not the platform's; else 404. */
  listen(port: number, host?: string, pages?: Handler): Promise<Listening>
  /** The person behind a request, if they came through single sign-on lately. */
  sessionOf(req: IncomingMessage): Session | null
  /** Whether a request carries the service's own id and password: for pages between you and the platform. */
  isAuthentic(req: IncomingMessage): boolean
  /** The platform, about one add-on, with the token of its grant. */
  platform(uuid: string): PlatformClient
  /**
   * Ends a `later()`: hands over the config and reports the resource as ready. May be repeated.
   * @returns false when it was removed meanwhile
   */
  finish(uuid: string, outcome: Provisioned): Promise<boolean>
  /** Ends a `later()` that came to nothing: what was made is removed here, and the customer is not charged. */
  fail(uuid: string): Promise<void>
  /** Ends a `later()` of a removal. */
  removed(uuid: string): Promise<void>
  readonly service: Service
  /** Ends what runs behind answers. */
  close(): void
}

/**
 * The provider's side of the Add-on Partner API: passwords, repeats, tokens and cookies are its business, and
 * yours is what a resource is. Mount `handler` in any node:http server, or `listen`.
 *
 * @example
 * const provider = createProvider({
 *   manifest: JSON.parse(readFileSync('addon-manifest.json', 'utf8')),
 *   provision: async ({ uuid, plan }) => ({ config: { FAST_DB_URL: await makeDatabase(uuid, plan) } }),
 *   deprovision: async ({ uuid }) => dropDatabase(uuid),
 * })
 * await provider.listen(4567)
 * @throws Error when the manifest lacks what is needed
 */
export function createProvider(options: ProviderOptions): Provider {
  const service = serviceFrom(options)
  const store = options.store ?? memoryStore()
  const now = options.now ?? (() => new Date())
  const log = createLog(options.log, [...service.passwords, ...service.ssoSalts])
  const verbs = createVerbs(service, options, store)
  const { clientSecret } = options
  const { session, tokens: accept = ['user_scoped'] } = options
  const signOn = createSignOn({ service, store, accept, session, now })
  const grants = createGrants({
    id: options.platform?.id ?? options.platform?.api ?? '',
    clientSecret: typeof clientSecret === 'function' ? clientSecret : async () => clientSecret ?? null,
    store,
    now,
    log,
  })

  const provider: Provider = {
    service,
    isAuthentic: (req) => isAuthentic(req.headers.authorization, service.id, service.passwords),
    sessionOf: (req) => readSession(service, req, now()),
    close: () => grants.close(),

    platform(uuid) {
      if (!options.platform) throw new Error('Say where the platform is: createProvider({ platform: { api } }).')
      return createPlatformClient(options.platform.api, uuid, (isRefused) => grants.accessToken(uuid, isRefused))
    },

    async handler(req, res) {
      const url = requestUrl(req)
      const answer = routeOf(url)
      if (!answer) return false
      const startedAt = performance.now()
      const { status, ...rest } = await answer(req, res).catch((error: unknown) => failure(error, req, url))
      send(res, { status, ...rest })
      const ms = Math.round(performance.now() - startedAt)
      log({ event: 'request', message: `${req.method} ${url.pathname} ${status} ${ms}ms` })
      return true
    },

    listen(port, host = '127.0.0.1', pages = () => false) {
      const onError = (error: unknown) => log({ event: 'failed', message: wordsOf(error) })
      return listen([provider.handler, pages], { port, host, onError, onClose: provider.close })
    },

    finish(uuid, outcome) {
      return store.claim(uuid, async () => {
        const resource = await store.get(uuid)
        if (!resource || resource.state === 'removed' || resource.state === 'removing') return false
        const config = checkConfig(service, outcome.config)
        const platform = provider.platform(uuid)
        await platform.patchConfig(config)
        await platform.provisioned()
        const { message = null, logDrainUrl = null } = outcome
        await store.save({ ...resource, state: 'provisioned', config, message, logDrainUrl })
        return true
      })
    },

    async fail(uuid) {
      const resource = await store.claim(uuid, async () => {
        const known = await store.get(uuid)
        if (!known || known.state === 'removed') return null
        await options.deprovision(known)
        // Not a tombstone yet: that takes the tokens along, and this call must be repeatable until it got through.
        await store.save({ ...known, state: 'removing', message: 'It could not be created.' })
        return known
      })
      if (resource) await provider.removed(uuid)
    },

    async removed(uuid) {
      // Outside the claim: the platform may answer this by asking for the removal, which needs it.
      await provider.platform(uuid).deprovisioned()
      await store.claim(uuid, () => store.remove(uuid))
    },
  }
  return provider

  type Route = (req: IncomingMessage, res: ServerResponse) => Promise<Answer>

  function routeOf(url: URL): Route | null {
    const path = url.pathname.replace(/(.)\/+$/, '$1')
    if (path === service.ssoPath) return byMethod({ POST: async (req) => signOn(req, await readForm(req)) })
    if (path === service.resourcesPath) return byMethod({ POST: trusted(provisionRoute) })
    if (!path.startsWith(`${service.resourcesPath}/`)) return null
    const uuid = segmentOf(path.slice(service.resourcesPath.length + 1)).toLowerCase()
    return byMethod({
      PUT: trusted(async (req) => verbs.changePlan(uuid, await readJson(req))),
      DELETE: trusted(() => verbs.deprovision(uuid)),
      // Sign-on of the first generation, only for those who ask for its token.
      ...(accept.includes('legacy')
        ? { GET: (req) => signOn(req, { ...formFields(url.searchParams), id: uuid, resource_id: uuid }) }
        : {}),
    })
  }

  function byMethod(routes: Partial<Record<string, Route>>): Route {
    return async (req, res) => {
      const route = routes[req.method ?? '']
      if (route) return route(req, res)
      const message = `${req.method} is not answered here.`
      return { status: 405, headers: { allow: Object.keys(routes).join(', ') }, body: { message } }
    }
  }

  /** The password comes before everything else: a stranger learns nothing, not even what a good body is. */
  function trusted(route: Route): Route {
    return async (req, res) => {
      if (provider.isAuthentic(req)) return route(req, res)
      const headers = { 'www-authenticate': `Basic realm="${service.id}"` }
      return { status: 401, headers, body: { message: `Use the id and the password of ${service.id}'s manifest.` } }
    }
  }

  async function provisionRoute(req: IncomingMessage, res: ServerResponse): Promise<Answer> {
    const body = await readJson(req)
    const answer = await verbs.provision(body)
    const code = (body.oauth_grant as { code?: unknown } | undefined)?.code
    const isMade = answer.status === 200 || answer.status === 202
    if (isMade && options.platform && clientSecret && typeof code === 'string') {
      const uuid = (answer.body as { id: string }).id
      // After the answer is out: the platform knows the resource only when it has read it. If it hung up meanwhile,
      // the resource is made all the same, and the code still good.
      if (res.closed || res.destroyed) grants.trade(uuid, code)
      else res.once('close', () => grants.trade(uuid, code))
    }
    return answer
  }

  function failure(error: unknown, req: IncomingMessage, url: URL): Answer {
    const refusal = refusalAnswer(error)
    if (refusal) return refusal
    log({ event: 'failed', message: `${req.method} ${url.pathname}: ${wordsOf(error)}` })
    return { status: 500, body: { message: 'Something went wrong at the provider.' } }
  }
}

function serviceFrom({ manifest, otherPasswords = [], otherSsoSalts = [] }: ProviderOptions): Service {
  const isIdentity = typeof manifest === 'object' && manifest !== null && 'ssoSalt' in manifest
  const service = isIdentity ? serviceFromIdentity(manifest as ServiceIdentity) : serviceOf(manifest)
  return {
    ...service,
    passwords: [...service.passwords, ...otherPasswords],
    ssoSalts: [...service.ssoSalts, ...otherSsoSalts],
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function segmentOf(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
