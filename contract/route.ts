import type { Static, TSchema } from '@sinclair/typebox'
import type { ErrorId } from './errors.js'

/**
 * Who may use a route. The part before the dot names what the path speaks of; the server loads it and
 * checks the right before the route's own code runs, so no route can forget to.
 */
export const permissions = [
  'anyone', // no sign-in
  'account', // any signed-in account; what it lists is limited to what the caller may see
  'bearer', // any signed-in account, or a provider's grant; the same limit
  'app.view',
  'app.deploy',
  'app.operate',
  'app.manage',
  'app.view+partner', // and the provider of an add-on on it
  'app.operate+partner', // the same; what it changes is its own add-on's
  'addon.view', // through any app that it is attached to, or as its owner
  'addon.manage', // through its billing app, or as its owner
  'addon.partner', // the add-on's provider (token of its grant), or whoever manages the add-on
  'team.view', // any member
  'team.view+partner', // and the provider of an add-on on one of its apps
  'team.admin',
  'provider', // Basic with the service's id and its manifest's password; what it reads and changes is that service's
  'service.owner', // whoever pushed the first manifest, or the operator
  'operator',
] as const
export type Permission = (typeof permissions)[number]

/** What a token must be good for. Source: platform-api, "OAuth scopes". */
export type Scope = 'identity' | 'read' | 'write' | 'read-protected' | 'write-protected'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The fields a list may be ordered by through the Range header; the first is the default. */
export interface ListOrder {
  fields: readonly string[]
}

/** One line of the route table: server, typed client and API documents are all made from it. */
export interface Route<
  Path extends string = string,
  Body extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
> {
  readonly method: Method
  readonly path: Path
  /** `Add-on create`: noun and verb; what more there is to say comes after a semicolon or a colon. */
  readonly title: string
  /** Sentences for the documents, where the title is not enough. */
  readonly description?: string
  readonly permission: Permission
  readonly scope: Scope
  readonly body?: Body
  readonly query?: Query
  readonly answer: Answer
  /** The usual status of success; a handler may choose another 2xx. */
  readonly status: number
  readonly list?: ListOrder
  /** The answer is `text/event-stream` and stays open; `answer` is the shape of each event's data. */
  readonly streams?: true
  /** Errors that this route may answer beside those that follow from its method, path and body: see documents/errors-of.ts. */
  readonly errors?: readonly ErrorId[]
}

/** Declares a route and keeps its exact types. */
export function route<
  const Path extends string,
  Answer extends TSchema,
  Body extends TSchema = TSchema,
  Query extends TSchema = TSchema,
>(declared: Route<Path, Body, Query, Answer>): Route<Path, Body, Query, Answer> {
  return Object.freeze(declared)
}

/** `/apps/:app/addons/:addon` → `{app: string, addon: string}`. */
export type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { [K in Name]: string } & ParamsOf<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? { [K in Name]: string }
    : unknown

export type BodyOf<R> = R extends Route<string, infer Body, TSchema, TSchema> ? Static<Body> : never
export type QueryOf<R> = R extends Route<string, TSchema, infer Query, TSchema> ? Static<Query> : never
export type AnswerOf<R> = R extends Route<string, TSchema, TSchema, infer Answer> ? Static<Answer> : never
export type PathOf<R> = R extends Route<infer Path, TSchema, TSchema, TSchema> ? Path : never
