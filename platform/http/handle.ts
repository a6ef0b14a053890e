import type { WireError } from '@mortise/contract/errors'
import type { AnswerOf, BodyOf, ParamsOf, PathOf, QueryOf, Route } from '@mortise/contract/route'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor } from '../saga/saga.js'

/** Who asks, as the credentials of the request prove it. */
export interface Asker {
  /** Null for a provider's grant, which speaks for one add-on only. */
  account: { id: string; email: string; name: string | null; isOperator: boolean } | null
  /** The add-on whose grant this token comes from. */
  addonId: string | null
  /** A provider that calls with its service's id and password: it speaks for that service and for nothing else. */
  service?: { id: string; name: string }
  tokenId: string
  /** Hash of the token as it was sent. A renewed token keeps its id and has another. */
  tokenDigest?: string
  /** The authorization that the token hangs on: it is a third party's program that asks, and all it makes ends with that. */
  authorizationId?: string | null
  scopes: readonly string[]
  via: 'bearer' | 'basic' | 'cookie'
  /** The grant's add-on is gone: its provider is told so, and may do nothing. */
  retired?: boolean
  /** The operator asked to act on what is not theirs (X-Heroku-Sudo); audited. */
  sudo: boolean
}

/**
 * What a guard loads before a route's code runs. Each room adds its noun by declaration merging, so
 * `http/` knows none of them.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by apps/, addons/ and catalog/
export interface Subjects {}

/** One request, checked: who asks may, and the body has the declared shape. */
export interface Context<R extends Route = Route> {
  /** @throws when nobody is signed in, which only routes open to `anyone` can meet */
  readonly asker: Asker
  readonly maybeAsker: Asker | null
  /** The asker as it is written into operations, events and releases. */
  readonly actor: Actor
  readonly params: ParamsOf<PathOf<R>> & { [name: string]: string }
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  readonly subjects: Subjects
  /** Values of Accept-Expansion, lower-case. */
  readonly expand: ReadonlySet<string>
  /** Values of Accept-Inclusion, lower-case. */
  readonly include: ReadonlySet<string>
  /** Whether the caller's Accept names the variant, such as `sdk`. */
  readonly variant: string | null
  readonly requestId: string
  /** Scheme, host and port as the caller sees us. */
  readonly origin: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Chooses another success than the route's usual one. */
  status(code: number): void
  header(name: string, value: string): void
  /** Something that the caller should know although the request succeeds: see warning.ts. */
  warn(text: string): void
}

export interface Handler {
  readonly route: Route
  readonly run: (context: Context<any>) => Promise<unknown>
  /** How this route spells its errors, the guard's too, where that is not `{id, message}`. */
  readonly errorBody?: (error: WireError) => unknown
}

/** Joins a line of the route table with the code that answers it. */
export function handle<R extends Route>(
  route: R,
  run: (context: Context<R>) => Promise<AnswerOf<R>>,
  options: Pick<Handler, 'errorBody'> = {},
): Handler {
  return { route, run, ...options }
}
