import type { IncomingMessage, ServerResponse } from 'node:http'
import { isAuthentic } from './authentic.js'
import { createGrants } from './grant.js'
import {
  type Answer,
  type Asked,
  askedOfFetch,
  askedOfNode,
  type Bearing,
  formFields,
  headerOf,
  readForm,
  readJson,
  responseOf,
  send,
} from './http.js'
import { listAnswer } from './list.js'
import { type Handler, type Listening, listen } from './listen.js'
import { createLog, type LogLine } from './log.js'
import { createLogDoor, logsPath, writeLogLines } from './log-frames.js'
import { memoryStore } from './memory-store.js'
import { createPlatformClient, type PlatformClient } from './platform.js'
import { type AppInfoClient, createAppInfoClient } from './platform-v1.js'
import type { Resource, ResourceStore } from './resource.js'
import { type Service, type ServiceIdentity, serviceFromIdentity, serviceOf } from './service.js'
import { readSession, type Session } from './session.js'
import { createSignOn } from './sign-on.js'
import type { SignOn, TokenKind } from './sso.js'
import { reportUsage, type Usage, type UsageOutcome } from './usage.js'
import { checkConfig, createVerbs, type Provisioned, refusalAnswer, type Work } from './verbs.js'

export { deepLink } from './deep-link.js'
export { fileStore } from './file-store.js'
export type { Handler, Listening } from './listen.js'
export type { LogMessage } from './log-frames.js'
export { memoryStore } from './memory-store.js'
export { later, Refused, Unavailable } from './outcome.js'
export type { Resource, ResourceState, ResourceStore, Tokens } from './resource.js'
export type { Session } from './session.js'
export type { SignOn } from './sso.js'
export type { Usage, UsageOutcome } from './usage.js'
export type { PlanChanged, Provisioned, ProvisionRequest } from './verbs.js'

export interface ProviderOptions extends Work {
  /** The manifest as pushed, or the three words that matter of it. */
  manifest: unknown | ServiceIdentity
  /** Further passwords and salts that are still, or already, good: for changing them without a gap. */
  otherPasswords?: readonly string[]
  otherSsoSalts?: readonly string[]
  /**
   * Where the platform is: its API, the host of /oauth/token and the one that takes usage (by default the same). Heroku's
   * are https://api.heroku.com, https://id.heroku.com and https://addons.heroku.com. Without it there are no calls back.
   */
  platform?: { api: string; id?: string; addons?: string }
  /** The service's OAuth secret; a function is asked each time. */
  clientSecret?: string | (() => Promise<string | null>)
  /** By default in memory, which is not for customers' data. */
  store?: ResourceStore
  /** Which sign-on tokens are good. By default the one that covers the person; for protocol 1, the one that it has. */
  tokens?: readonly TokenKind[]
  /** Where a person who signed on goes: a path of yours. Without it sign-on answers 404. */
  session?(signOn: SignOn): Promise<string> | string
  now?(): Date
  log?(line: LogLine): void
}

export interface Provider {
  /** Answers the requests that are the platform's. False: not ours, nothing was written; it never throws. */
  handler(req: IncomingMessage, res: ServerResponse): Promise<boolean>
  /** The same for frameworks that speak `fetch`: null when the request is not the platform's. */
  fetch(request: Request): Promise<Response | null>
  /** A server of its own. Port 0 takes a free one. `pages` gets what is not the platform's; else 404. */
  listen(port: number, host?: string, pages?: Handler): Promise<Listening>
  /** The person behind a request, if they came through single sign-on lately. */
  sessionOf(req: Bearing): Session | null
  /** Whether a request carries the service's own id and password: for pages between you and the platform. */
  isAuthentic(req: Bearing): boolean
  /** The platform, about one add-on, with the token of its grant. */
  platform(uuid: string): PlatformClient
  /** The same at a platform of the first generation. @throws Error when it did not say where */
  appInfo(uuid: string): Promise<AppInfoClient>
  /**
   * Gives a provisioned resource other values, here and at the platform: null takes one away. Every attached app gets a
   * release. Keep what was good before for two hours: apps restart in their own time. May be repeated.
   */
  updateConfig(uuid: string, changes: Record<string, string | null>): Promise<void>
  /** Writes lines into the app's log stream; the manifest requires `log_input`. A line at a time, not more than one a minute as a habit. */
  writeLogs(uuid: string, process: string, lines: readonly string[]): Promise<void>
  /** Tells the platform what resources used in one hour that is over. May be repeated. */
  reportUsage(hour: Date, usages: readonly Usage[]): Promise<UsageOutcome[]>
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
  const {
    session,
    tokens: accept = service.protocol === '1' ? ['user_scoped', 'resource', 'legacy'] : ['user_scoped'],
  } = options
  const signOn = createSignOn({ service, store, accept, session, now })
  const logDoor = options.logs && createLogDoor(store, options.logs)
  const grants = createGrants({
    id: options.platform?.id ?? options.platform?.api ?? '',
    clientSecret: typeof clientSecret === 'function' ? clientSecret : async () => clientSecret ?? null,
    store,
    now,
    log,
  })

  const provider: Provider = {
    service,
    isAuthentic: (req) => isAuthentic(headerOf(req, 'authorization'), service.id, service.passwords),
    sessionOf: (req) => readSession(service, headerOf(req, 'cookie'), now()),
    close: () => grants.close(),

    platform(uuid) {
      return createPlatformClient(platformOf().api, uuid, (isRefused) => grants.accessToken(uuid, isRefused))
    },

    async handler(req, res) {
      const answer = await answerTo(askedOfNode(req, res))
      if (answer) send(res, answer)
      return answer !== null
    },

    async fetch(request) {
      const answer = await answerTo(askedOfFetch(request))
      return answer && responseOf(answer)
    },

    async appInfo(uuid) {
      const { callbackUrl } = await known(uuid)
      if (!callbackUrl) throw new Error('The platform did not say where it takes calls back about this resource.')
      return createAppInfoClient(callbackUrl, service)
    },

    updateConfig(uuid, changes) {
      return store.claim(uuid, async () => {
        const resource = await known(uuid)
        const config = new Map(Object.entries(resource.config ?? {}))
        for (const [name, value] of Object.entries(changes))
          value === null ? config.delete(name) : config.set(name, value)
        const next = checkConfig(service, Object.fromEntries(config))
        if (service.protocol === '1') await (await provider.appInfo(uuid)).putConfig(next)
        else await provider.platform(uuid).patchConfig(changes)
        await store.save({ ...resource, config: next })
      })
    },

    async writeLogs(uuid, process, lines) {
      await writeLogLines(await known(uuid), process, lines, now())
    },

    async reportUsage(hour, usages) {
      const { api, addons = api } = platformOf()
      return reportUsage(addons, service, hour, usages)
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
        if (service.protocol === '1') {
          // What kensa calls asynchronous: the config comes by a call, and there is nothing else to say.
          await (await provider.appInfo(uuid)).putConfig(config)
        } else {
          const platform = provider.platform(uuid)
          await platform.patchConfig(config)
          await platform.provisioned()
        }
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
      // The first generation has no such call: it learns of it when it asks for the removal.
      if (service.protocol === '3') await provider.platform(uuid).deprovisioned()
      await store.claim(uuid, () => store.remove(uuid))
    },
  }
  return provider

  type Route = (asked: Asked) => Promise<Answer>

  function platformOf() {
    if (!options.platform) throw new Error('Say where the platform is: createProvider({ platform: { api } }).')
    return options.platform
  }

  async function known(uuid: string): Promise<Resource> {
    const resource = await store.get(uuid)
    if (!resource || resource.state === 'removed') throw new Error('There is no such resource.')
    return resource
  }

  /** Null: not the platform's. Never throws. */
  async function answerTo(asked: Asked): Promise<Answer | null> {
    const { method, url } = asked
    const route = routeOf(url)
    if (!route) return null
    const startedAt = performance.now()
    const answer = await route(asked).catch((error: unknown) => failure(error, asked))
    const ms = Math.round(performance.now() - startedAt)
    log({ event: 'request', message: `${method} ${url.pathname} ${answer.status} ${ms}ms` })
    return answer
  }

  function routeOf(url: URL): Route | null {
    const path = url.pathname.replace(/(.)\/+$/, '$1')
    if (path === service.ssoPath) {
      return byMethod({ POST: async (asked) => signOn(asked, await readForm(asked)) })
    }
    if (path === service.resourcesPath)
      return byMethod({ POST: trusted(provisionRoute), GET: trusted(() => listAnswer(store, url.searchParams)) })
    const below = (root: string) =>
      path.startsWith(`${root}/`) ? segmentOf(path.slice(root.length + 1)).toLowerCase() : null
    const drained = options.logs ? below(logsPath) : null
    if (drained !== null && logDoor) return byMethod({ POST: (asked) => logDoor(asked, drained) })
    const uuid = below(service.resourcesPath)
    if (uuid === null) return null
    return byMethod({
      PUT: trusted(async (asked) => verbs.changePlan(uuid, await readJson(asked))),
      DELETE: trusted(() => verbs.deprovision(uuid)),
      // Sign-on of the first generation, only for those who ask for its token.
      ...(accept.includes('legacy')
        ? {
            GET: (asked) =>
              signOn(asked, { ...formFields(url.searchParams), id: uuid, resource_id: uuid }),
          }
        : {}),
    })
  }

  function byMethod(routes: Partial<Record<string, Route>>): Route {
    return async (asked) => {
      const route = routes[asked.method]
      if (route) return route(asked)
      const message = `${asked.method} is not answered here.`
      return { status: 405, headers: { allow: Object.keys(routes).join(', ') }, body: { message } }
    }
  }

  /** The password comes before everything else: a stranger learns nothing, not even what a good body is. */
  function trusted(route: Route): Route {
    return async (asked) => {
      if (isAuthentic(asked.header('authorization'), service.id, service.passwords)) return route(asked)
      const headers = { 'www-authenticate': `Basic realm="${service.id}"` }
      return { status: 401, headers, body: { message: `Use the id and the password of ${service.id}'s manifest.` } }
    }
  }

  async function provisionRoute(asked: Asked): Promise<Answer> {
    const body = await readJson(asked)
    const answer = await verbs.provision(body)
    const code = (body.oauth_grant as { code?: unknown } | undefined)?.code
    const isMade = answer.status === 200 || answer.status === 202
    if (isMade && options.platform && clientSecret && typeof code === 'string') {
      const uuid = (answer.body as { id: string }).id
      // After the answer is out: the platform knows the resource only when it has read it. If it hung up meanwhile,
      // the resource is made all the same, and the code still good.
      asked.afterAnswer(() => grants.trade(uuid, code))
    }
    return answer
  }

  function failure(error: unknown, { method, url }: Asked): Answer {
    const refusal = refusalAnswer(error)
    if (refusal) return refusal
    log({ event: 'failed', message: `${method} ${url.pathname}: ${wordsOf(error)}` })
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
