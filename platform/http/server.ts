import { errorStatus, WireError } from '@mortise/contract/errors'
import type { Permission, Route, Scope } from '@mortise/contract/route'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { isDatabaseLost } from '../db/db.js'
import type { World } from '../world/world.js'
import { requireVersion, variantIn } from './accept.js'
import { checkAnswersVariable, watchAnswers, wrongAnswer, wrongError } from './check-answers.js'
import { allowOrigins, answerPreflights } from './cors.js'
import { drained } from './drain.js'
import { requireMatch } from './etag.js'
import type { Asker, Context, Handler, Subjects } from './handle.js'
import type { Once } from './idempotency.js'
import { overrideMethod } from './method-override.js'
import { type Caller, type Proxies, proxies as trust } from './proxies.js'
import type { RateLimit } from './rate-limit.js'
import { respond } from './respond.js'
import { checkBody } from './shapes.js'
import { answerUnreadable } from './unreadable.js'
import { warn } from './warning.js'

/** Room for a real client's Request-Id, which grows to about 7 kB. */
export const headerBytesMax = 32 * 1024
/** A year, after which a browser may try plain http again. */
const hstsSeconds = 365 * 24 * 60 * 60
/** JSON bodies; sources are uploaded as streams and have a limit of their own. */
export const bodyBytesMax = 1024 * 1024

export interface RequestLine {
  id: string
  callerIds: string
  method: string
  /** The route's pattern, never the address: addresses may hold secrets. */
  route: string
  status: number
  ms: number
  accountId: string | null
}

export interface ProviderCall extends Pick<RequestLine, 'method' | 'route' | 'status' | 'ms'> {
  addonId: string | null
  serviceId: string | null
  /** As they went over the wire, secrets and all: to be masked before they are kept. */
  asked: { text: string; type: string | null }
  /** Null: a stream. */
  answered: { text: string; type: string | null } | null
  authorization: string | null
}

export interface HttpOptions {
  world: World
  handlers: readonly Handler[]
  authenticate(request: FastifyRequest): Promise<Asker | null>
  /** Loads what the path speaks of and checks the right. @throws WireError 401, 403 or 404 */
  guard(permission: Permission, asker: Asker | null, params: Record<string, string>): Promise<Subjects>
  log(line: RequestLine): void
  /** A provider asked, about one add-on or as its service. */
  onProviderCall?(call: ProviderCall): void
  onFault(error: unknown, request: { id: string; route: string }): void
  /** Left out: nobody's requests are counted. */
  rateLimit?: RateLimit
  /**
   * Holds each answer and each error against what its route declares, and turns a difference into a 500. For tests, which
   * set it for all servers by `checkAnswersVariable`.
   */
  checkAnswers?: boolean
  /** Runs POSTs that carry an Idempotency-Key once; without it the header means nothing. */
  once?: Once
  /** Whose word about who asks is believed; nobody's when left out. */
  proxies?: Proxies
  /** The address people use, as the operator gave it: then absolute addresses come from it and from no request. */
  publicUrl?: string | null
  /** What is no JSON: uploads, streams, pages. Registered after the route table. */
  extra?(server: FastifyInstance): void | Promise<void>
}

declare module 'fastify' {
  interface FastifyRequest {
    wireId: string
    /** Who asks, told from the connection and from proxies we trust. Fastify's own `ip`, `host` and `protocol` are not. */
    caller: Caller
    publicUrl: string | null
    asker: Asker | null
    /** Why nobody asks although the credentials are known. */
    refusal: WireError | null
    startedAt: number
    /** The add-on whose grant was traded in this request, which carries no token yet. */
    grantOf: string | null
    /** What it was asked with, before it was read. */
    bodyText: string
    /** What a provider is answered; null for everybody else, and for streams. */
    answerText: string | null
  }
  interface FastifyContextConfig {
    errorBody?: Handler['errorBody']
    /** The line of the route table. */
    declared?: Route
  }
}

/** The API's server: every convention of the wire is here once, so that no route can forget one. */
export async function createHttpServer(given: HttpOptions): Promise<FastifyInstance> {
  const options = { ...given, checkAnswers: given.checkAnswers ?? process.env[checkAnswersVariable] === '1' }
  const { proxies = trust([]), publicUrl = null } = options
  const server = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    // Names and identities on the wire may be long (`app::ATTACHMENT`, URLs as drain ids).
    routerOptions: { maxParamLength: 2000, ignoreTrailingSlash: true },
    http: { maxHeaderSize: headerBytesMax },
    forceCloseConnections: 'idle',
    exposeHeadRoutes: true,
    // The one place before the router that sees each request.
    rewriteUrl(request) {
      proxies.meet(request)
      overrideMethod(request)
      return request.url ?? '/'
    },
    clientErrorHandler: answerUnreadable,
    // What the router can't read never reaches a hook, so its answer is made whole here.
    frameworkErrors(error, _request, reply: FastifyReply) {
      const wire =
        error.code === 'FST_ERR_MAX_PARAM_LENGTH'
          ? new WireError('not_found', 'There is nothing under a name of that length.')
          : new WireError('bad_request', 'The address of the request is not a valid URL.')
      reply.header('Request-Id', options.world.id()).header('X-Content-Type-Options', 'nosniff')
      return reply.code(wire.status).type('application/json').send(JSON.stringify(wire.body))
    },
  })
  acceptBodies(server)
  answerPreflights(server)
  if (options.checkAnswers) {
    watchAnswers(server, (sentence, { id }) => options.onFault(new Error(sentence), { id, route: 'checked answers' }))
  }

  server.decorateRequest('wireId', '')
  server.decorateRequest('caller', {
    getter() {
      return proxies.meet(this.raw)
    },
  })
  server.decorateRequest('publicUrl', publicUrl)
  server.decorateRequest('asker', null)
  server.decorateRequest('refusal', null)
  server.decorateRequest('grantOf', null)
  server.decorateRequest('bodyText', '')
  server.decorateRequest('answerText', null)
  server.decorateRequest('startedAt', 0)
  server.addHook('onRequest', async (request, reply) => {
    request.wireId = options.world.id()
    request.startedAt = performance.now()
    reply.header('Request-Id', request.wireId)
    reply.header('X-Content-Type-Options', 'nosniff')
    // Not for what is beneath us: apps have names there, and may be reached by plain http. Source: RFC 6797.
    if (publicUrl?.startsWith('https:')) reply.header('Strict-Transport-Security', `max-age=${hstsSeconds}`)
  })
  const isProvider = ({ asker, grantOf }: FastifyRequest) => Boolean(grantOf ?? asker?.addonId ?? asker?.service)
  server.addHook('onSend', async (request, _, payload: unknown) => {
    if (isProvider(request)) request.answerText = typeof payload === 'string' ? payload : payload ? null : ''
    return payload
  })
  server.addHook('onResponse', async (request, reply) => {
    options.log({
      id: request.wireId,
      callerIds: String(request.headers['request-id'] ?? '').slice(0, 200),
      method: request.method,
      route: request.routeOptions.url ?? '(none)',
      status: reply.statusCode,
      ms: Math.round(performance.now() - request.startedAt),
      accountId: request.asker?.account?.id ?? null,
    })
    const { answerText, asker, headers } = request
    if (isProvider(request) && request.routeOptions.url) {
      options.onProviderCall?.({
        addonId: request.grantOf ?? asker?.addonId ?? null,
        serviceId: asker?.service?.id ?? null,
        asked: { text: request.bodyText, type: headers['content-type'] ?? null },
        answered: answerText === null ? null : { text: answerText, type: typeOf(reply) },
        authorization: headers.authorization ?? null,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(performance.now() - request.startedAt),
      })
    }
  })

  server.setNotFoundHandler(async (request, reply) => {
    const error = new WireError(
      'not_found',
      `There is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}.`,
    )
    return reply.code(404).type('application/json').send(JSON.stringify(error.body))
  })
  server.setErrorHandler(async (error, request, reply) => {
    let wire = asWireError(error)
    const { declared } = request.routeOptions.config
    const wrong = options.checkAnswers && declared && wire.status < 500 ? wrongError(declared, wire.id) : null
    if (wrong) {
      options.onFault(new Error(wrong), { id: request.wireId, route: request.routeOptions.url ?? '(none)' })
      wire = new WireError('internal_server_error', wrong)
    }
    if (wire.status >= 500 && !(error instanceof WireError) && !wrong) {
      options.onFault(error, { id: request.wireId, route: request.routeOptions.url ?? '(none)' })
    }
    if (wire.id === 'request_too_large') await drained(request.raw)
    for (const [name, value] of Object.entries(wire.headers)) reply.header(name, value)
    // A provider's own routes take its id and password: some HTTP libraries send those only once they are asked for them.
    const scheme = declared?.permission === 'provider' ? 'Basic' : 'Bearer'
    if (wire.status === 401) reply.header('WWW-Authenticate', `${scheme} realm="mortise"`)
    const body = request.routeOptions.config.errorBody?.(wire) ?? wire.body
    return reply.code(wire.status).type('application/json').send(JSON.stringify(body))
  })

  for (const handler of options.handlers) register(server, handler, options)
  await options.extra?.(server)
  return server
}

/** Any content type is taken for JSON unless it says it is a form; an empty body is no body. */
function acceptBodies(server: FastifyInstance): void {
  const parse = (text: string): unknown => {
    if (text.trim() === '') return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw new WireError(
        'bad_request',
        'The request body is not valid JSON. Look for a missing quote, comma or brace.',
      )
    }
  }
  server.removeAllContentTypeParsers()
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    // curl calls every body a form unless told otherwise, and no form begins with a brace.
    async (request: FastifyRequest, text: string) => {
      request.bodyText = text
      return text.trimStart().startsWith('{') ? parse(text) : Object.fromEntries(new URLSearchParams(text))
    },
  )
  server.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    request.bodyText = text
    return parse(text)
  })
}

function typeOf(reply: FastifyReply): string | null {
  const type = reply.getHeader('content-type')
  return type === undefined ? null : String(type)
}

function register(server: FastifyInstance, handler: Handler, options: HttpOptions): void {
  const { route } = handler
  server.route({
    method: route.method,
    url: route.path,
    config: { errorBody: handler.errorBody, declared: route },
    // Before the body is read, so that an error about the body is readable for a page too.
    onRequest: async (_, reply) => allowOrigins(reply),
    handler: async (request, reply) => {
      requireVersion(request.headers.accept)
      const asker = await options.authenticate(request)
      request.asker = asker
      countRequest(options.rateLimit, route, asker, reply)
      if (route.permission !== 'anyone' && !asker && request.refusal) throw request.refusal
      if (route.permission !== 'anyone') requireAsker(asker)
      // Only what a provider says of its own resource is heard after that is gone: it may be proof of life.
      if (asker?.retired && route.permission !== 'addon.partner')
        throw new WireError('gone', 'This add-on was removed. Remove what you still keep of it.')
      if (asker) {
        requireScope(asker, route.scope)
        requireSameOrigin(asker, request)
      }
      const params = decode(request.params as Record<string, string>)
      const subjects = await options.guard(route.permission, asker, params)
      await requireMatch(server, request)
      const body = route.body ? checkBody(route.body, request.body) : undefined
      let status = route.status
      const context: Context = {
        get asker() {
          return requireAsker(asker)
        },
        maybeAsker: asker,
        get actor() {
          const { account } = requireAsker(asker)
          if (!account)
            throw new WireError(
              'forbidden',
              'This needs an account, not the token of a grant. Send the token of a person.',
            )
          return { id: account.id, email: account.email }
        },
        params: params as never,
        query: request.query as never,
        body: body as never,
        subjects,
        expand: listOf(request.headers['accept-expansion']),
        include: listOf(request.headers['accept-inclusion']),
        variant: variantIn(request.headers.accept),
        requestId: request.wireId,
        origin: originOf(request),
        request,
        reply,
        status: (code) => {
          status = code
        },
        header: (name, value) => void reply.header(name, value),
        warn: (text) => warn(reply, text),
      }
      const key = route.method === 'POST' ? request.headers['idempotency-key'] : undefined
      const ownerId = callerId(asker)
      const checked = async () => {
        const answer = await handler.run(context)
        const wrong = options.checkAnswers && !reply.sent ? wrongAnswer(route, status, answer) : null
        if (wrong) throw new Error(wrong)
        return answer
      }
      if (options.once && key !== undefined && ownerId) {
        const address = request.url.split('?')[0] ?? ''
        const run = async () => {
          const answer = await checked()
          return { status, body: answer }
        }
        const kept = await options.once({ key: String(key), ownerId, address, body }, run)
        if (kept.isReplay) reply.header('Idempotency-Replayed', 'true')
        return respond(route, request, reply, kept.status, kept.body)
      }
      const answer = await checked()
      if (reply.sent) return reply
      return respond(route, request, reply, status, answer)
    },
  })
}

/** The one question that is free: how many are left. */
const freeRoute = '/account/rate-limits'

function countRequest(limit: RateLimit | undefined, route: Route, asker: Asker | null, reply: FastifyReply): void {
  const who = callerId(asker)
  if (!limit || !who) return
  const left = route.path === freeRoute ? limit.remaining(who) : limit.take(who)
  reply.header('RateLimit-Remaining', String(left)).header('RateLimit-Multiplier', '1')
}

/** Whose requests are counted and whose keys are kept together. */
const callerId = (asker: Asker | null) => asker?.account?.id ?? asker?.addonId ?? asker?.service?.id

function requireAsker(asker: Asker | null): Asker {
  if (!asker) throw new WireError('unauthorized', 'Invalid credentials provided.')
  return asker
}

/** Which wider scopes include a scope. Source: the API's OAuth documentation. */
const includedIn: Record<Scope, readonly string[]> = {
  identity: ['global', 'identity', 'read', 'write', 'read-protected', 'write-protected'],
  read: ['global', 'read', 'write', 'read-protected', 'write-protected'],
  write: ['global', 'write', 'write-protected'],
  'read-protected': ['global', 'read-protected', 'write-protected'],
  'write-protected': ['global', 'write-protected'],
}

function requireScope(asker: Asker, scope: Scope): void {
  if (!asker.scopes.some((has) => includedIn[scope].includes(has))) {
    throw new WireError(
      'forbidden',
      `This token lacks the scope "${scope}". Use one that has it, or make one with authorizations:create --scope ${scope}.`,
    )
  }
}

/** A browser's cookie alone changes nothing: another site can send cookies, but not this header with JSON from our origin. */
function requireSameOrigin(asker: Asker, request: FastifyRequest): void {
  if (asker.via !== 'cookie' || request.method === 'GET' || request.method === 'HEAD') return
  const origin = request.headers.origin
  if (!isOwnOrigin(request, origin) || request.headers['x-mortise-web'] === undefined) {
    throw new WireError(
      'forbidden',
      'A signed-in browser may change things only from our own pages. Programs send a token.',
    )
  }
}

/** Scheme, host and port of absolute addresses: as the operator gave them, else as the caller sees us. */
export function originOf(request: FastifyRequest): string {
  return request.publicUrl ?? seenOrigin(request)
}

/** Whether a page of ours sent this. A browser that reached us by another of our names says that one. */
export function isOwnOrigin(request: FastifyRequest, origin: string | undefined): boolean {
  return origin === undefined || origin === request.publicUrl || origin === seenOrigin(request)
}

function seenOrigin(request: FastifyRequest): string {
  return `${request.caller.proto}://${request.headers.host ?? 'localhost'}`
}

function decode(params: Record<string, string>): Record<string, string> {
  if (Object.values(params).some((value) => value.includes('\0'))) throw noNul()
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value.normalize('NFC')]))
}

function listOf(header: string | string[] | undefined): ReadonlySet<string> {
  return new Set(
    String(header ?? '')
      .toLowerCase()
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
}

function asWireError(error: unknown): WireError {
  if (error instanceof WireError) return error
  const found = error as { code?: string; statusCode?: number; message?: string } | null
  // PostgreSQL keeps no NUL in a text or in JSON; a body may hold one wherever it holds a text.
  if (found?.code === '22021' || found?.code === '22P05') return noNul()
  if (found?.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new WireError('request_too_large', `The request body is larger than ${bodyBytesMax / 1024 / 1024} MB.`)
  }
  if (found?.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new WireError('unsupported_media_type', 'The Content-Type can not be read. Send "application/json".')
  }
  if (found?.statusCode && found.statusCode >= 400 && found.statusCode < 500) {
    const id = (Object.keys(errorStatus) as (keyof typeof errorStatus)[]).find(
      (one) => errorStatus[one] === found.statusCode,
    )
    return new WireError(id ?? 'bad_request', found.message ?? 'The request can not be understood.')
  }
  if (isDatabaseLost(error)) {
    const sentence = "The platform can't reach its database at the moment. Try again in some seconds."
    return new WireError('service_unavailable', sentence, {}, { 'Retry-After': '5' })
  }
  return new WireError(
    'internal_server_error',
    'Something went wrong on our side. The request id leads the operator to it.',
  )
}

function noNul(): WireError {
  return new WireError('bad_request', 'The request holds a NUL character, which no name or text can. Send it without.')
}
