import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

export const LogDrain = Type.Object({
  /** Of the add-on that it belongs to; null for the customer's own. */
  addon: Nullable(Type.Object({ id: Uuid, name: Type.String(), app: Ref })),
  app: Ref,
  created_at: Timestamp,
  id: Uuid,
  token: Type.String({ pattern: '^d\\.' }),
  updated_at: Timestamp,
  /** An add-on's is shown to customers without what may be its password; empty while its provider has told none. */
  url: Type.String(),
})
export type LogDrain = Static<typeof LogDrain>

const Body = Type.Object({ url: Type.String({ minLength: 1, maxLength: 2048 }) })
const list = { fields: ['created_at', 'id', 'updated_at'] } as const

// An address may hold a password, so reading takes more than seeing the app.
export const drainRoutes = {
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/log-drains',
    title: 'Log drain list',
    permission: 'app.operate+partner',
    scope: 'read-protected',
    answer: Type.Array(LogDrain),
    status: 200,
    list,
  }),
  create: route({
    method: 'POST',
    path: '/apps/:app/log-drains',
    title: 'Log drain create',
    permission: 'app.operate+partner',
    scope: 'write',
    body: Body,
    answer: LogDrain,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/log-drains/:drain',
    title: 'Log drain info, by id, token or url',
    permission: 'app.operate+partner',
    scope: 'read-protected',
    answer: LogDrain,
    status: 200,
  }),
  delete: route({
    method: 'DELETE',
    path: '/apps/:app/log-drains/:drain',
    title: 'Log drain delete, by id, token or url',
    permission: 'app.operate+partner',
    // The answer is the drain as it was, and its address may hold a password.
    scope: 'write-protected',
    answer: LogDrain,
    status: 200,
  }),
  listOfAddon: route({
    method: 'GET',
    path: '/addons/:addon/log-drains',
    title: 'Log drain list of an add-on',
    permission: 'addon.partner',
    scope: 'read-protected',
    answer: Type.Array(LogDrain),
    status: 200,
    list,
  }),
  updateOfAddon: route({
    method: 'PUT',
    path: '/addons/:addon/log-drains/:drain',
    title: 'Log drain update, by its add-on',
    permission: 'addon.partner',
    scope: 'write',
    body: Body,
    answer: LogDrain,
    status: 200,
  }),
}

/** What the API shows of a telemetry drain. Ours has none: see the routes. */
export const TelemetryDrain = Type.Object({
  created_at: Timestamp,
  exporter: Type.Object({
    endpoint: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    type: Type.String(),
  }),
  id: Uuid,
  owner: Type.Object({ id: Uuid, type: Type.String() }),
  signals: Type.Array(Type.String()),
  updated_at: Timestamp,
})

const Signals = Type.Array(Type.String({ maxLength: 20 }), { minItems: 1, maxItems: 3 })
const Exporter = Type.Object({
  endpoint: Type.String({ maxLength: 1000 }),
  headers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 1000 }))),
  type: Type.String({ maxLength: 20 }),
})

/** Apps here send log lines and no traces or metrics, so there are no such drains; the refusal names what there is. */
export const telemetryDrainRoutes = {
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/telemetry-drains',
    title: 'Telemetry drain list; there are none',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(TelemetryDrain),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  create: route({
    method: 'POST',
    path: '/telemetry-drains',
    title: 'Telemetry drain create; refused',
    permission: 'account',
    scope: 'write',
    body: Type.Object({
      exporter: Exporter,
      owner: Type.Object({ id: Type.String({ maxLength: 100 }), type: Type.String({ maxLength: 20 }) }),
      signals: Signals,
    }),
    answer: TelemetryDrain,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/telemetry-drains/:telemetry_drain',
    title: 'Telemetry drain info',
    permission: 'account',
    scope: 'read',
    answer: TelemetryDrain,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/telemetry-drains/:telemetry_drain',
    title: 'Telemetry drain update',
    permission: 'account',
    scope: 'write',
    body: Type.Object({ exporter: Type.Optional(Exporter), signals: Type.Optional(Signals) }),
    answer: TelemetryDrain,
    status: 200,
  }),
  delete: route({
    method: 'DELETE',
    path: '/telemetry-drains/:telemetry_drain',
    title: 'Telemetry drain delete',
    permission: 'account',
    scope: 'write',
    answer: TelemetryDrain,
    status: 200,
  }),
}
