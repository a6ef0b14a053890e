import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

export const Formation = Type.Object({
  app: Ref,
  command: Type.String(),
  created_at: Timestamp,
  dyno_size: Type.Object({ id: Uuid, name: Type.String() }),
  id: Uuid,
  quantity: Type.Integer({ minimum: 0 }),
  size: Type.String(),
  type: Type.String(),
  updated_at: Timestamp,
})
export type Formation = Static<typeof Formation>

export const Dyno = Type.Object({
  app: Ref,
  attach_url: Nullable(Type.String()),
  command: Type.String(),
  created_at: Timestamp,
  id: Uuid,
  name: Type.String(),
  release: Type.Object({ id: Uuid, version: Type.Integer() }),
  size: Type.String(),
  state: Type.String(),
  type: Type.String(),
  updated_at: Timestamp,
})
export type Dyno = Static<typeof Dyno>

/** Real clients send the quantity as a number, as text, or as a change: `"2"`, `"+1"`, `"-1"`. */
const Quantity = Type.Union([Type.Integer({ minimum: 0, maximum: 1000 }), Type.String({ pattern: '^[+-]?\\d{1,4}$' })])
const Change = {
  quantity: Type.Optional(Quantity),
  size: Type.Optional(
    Type.Union([Type.String({ maxLength: 50 }), Type.Object({ name: Type.String({ maxLength: 50 }) })]),
  ),
}

export const formationRoutes = {
  list: route({
    method: 'GET',
    path: '/apps/:app/formation',
    title: 'Formation list',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Formation),
    status: 200,
    // By name first: clients show these in the order in which they come.
    list: { fields: ['type', 'id'] },
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/formation/:type',
    title: 'Formation info',
    permission: 'app.view',
    scope: 'read',
    answer: Formation,
    status: 200,
  }),
  updateAll: route({
    method: 'PATCH',
    path: '/apps/:app/formation',
    title: 'Formation batch update',
    permission: 'app.operate',
    scope: 'write',
    body: Type.Object({
      updates: Type.Array(Type.Object({ type: Type.String({ maxLength: 50 }), ...Change }), {
        minItems: 1,
        maxItems: 50,
      }),
    }),
    answer: Type.Array(Formation),
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/apps/:app/formation/:type',
    title: 'Formation update',
    permission: 'app.operate',
    scope: 'write',
    body: Type.Object(Change),
    answer: Formation,
    status: 200,
  }),
}

/** Longest life of a one-off. Source: Dev Center, "One-off Dynos" (24 hours). */
export const runSecondsMax = 24 * 60 * 60

export const dynoRoutes = {
  create: route({
    method: 'POST',
    path: '/apps/:app/dynos',
    title: 'Dyno create: runs a command with the current release',
    permission: 'app.operate',
    // What runs sees every config var.
    scope: 'write-protected',
    body: Type.Object({
      attach: Type.Optional(Nullable(Type.Boolean())),
      command: Type.String({ minLength: 1, maxLength: 32_768, pattern: '^[^\\u0000]*$' }),
      env: Type.Optional(
        Nullable(
          Type.Record(
            Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,199}$' }),
            Type.Union([
              Type.String({ maxLength: 32_768, pattern: '^[^\\u0000]*$' }),
              Type.Number(),
              Type.Boolean(),
              Type.Null(),
            ]),
            { additionalProperties: false, maxProperties: 200 },
          ),
        ),
      ),
      force_no_tty: Type.Optional(Nullable(Type.Boolean())),
      size: Type.Optional(Nullable(Type.String({ maxLength: 50 }))),
      time_to_live: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: runSecondsMax }))),
      type: Type.Optional(Nullable(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,49}$' }))),
    }),
    answer: Dyno,
    status: 201,
  }),
  list: route({
    method: 'GET',
    path: '/apps/:app/dynos',
    title: 'Dyno list',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Dyno),
    status: 200,
    // By name first: clients show these in the order in which they come.
    list: { fields: ['name', 'id'] },
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/dynos/:dyno',
    title: 'Dyno info',
    permission: 'app.view',
    scope: 'read',
    answer: Dyno,
    status: 200,
  }),
  restartAll: route({
    method: 'DELETE',
    path: '/apps/:app/dynos',
    title: 'Dyno restart all',
    permission: 'app.operate',
    scope: 'write',
    answer: Type.Object({}),
    status: 202,
  }),
  restart: route({
    method: 'DELETE',
    path: '/apps/:app/dynos/:dyno',
    title: 'Dyno restart',
    permission: 'app.operate',
    scope: 'write',
    answer: Type.Object({}),
    status: 202,
  }),
  restartType: route({
    method: 'DELETE',
    path: '/apps/:app/formations/:type',
    title: 'Process type restart',
    permission: 'app.operate',
    scope: 'write',
    answer: Type.Object({}),
    status: 202,
  }),
  stop: route({
    method: 'POST',
    path: '/apps/:app/dynos/:dyno/actions/stop',
    title: 'Dyno stop',
    permission: 'app.operate',
    scope: 'write',
    answer: Type.Object({}),
    status: 202,
  }),
  stopType: route({
    method: 'POST',
    path: '/apps/:app/formations/:type/actions/stop',
    title: 'Process type stop',
    permission: 'app.operate',
    scope: 'write',
    answer: Type.Object({}),
    status: 202,
  }),
}

export const LogSession = Type.Object({
  created_at: Timestamp,
  id: Uuid,
  logplex_url: Type.String(),
  updated_at: Timestamp,
})

export const logRoutes = {
  createSession: route({
    method: 'POST',
    path: '/apps/:app/log-sessions',
    title: 'Log session create',
    permission: 'app.view',
    scope: 'read',
    body: Type.Object({
      dyno: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      dyno_name: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      type: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      lines: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 1500 }))),
      source: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      tail: Type.Optional(Nullable(Type.Boolean())),
    }),
    answer: LogSession,
    status: 201,
  }),
}
