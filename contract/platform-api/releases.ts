import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Identity, Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

export const ConfigVars = Type.Record(Type.String(), Nullable(Type.String()))

/** Both null for one of the app's own. */
export const ConfigVarName = Type.Object({
  addon: Nullable(Ref),
  attachment: Nullable(Ref),
  name: Type.String(),
})
export type ConfigVarName = Static<typeof ConfigVarName>

export const releaseStatuses = ['expired', 'failed', 'pending', 'succeeded'] as const
export type ReleaseStatus = (typeof releaseStatuses)[number]

export const Release = Type.Object({
  addon_plan_names: Type.Array(Type.String()),
  app: Ref,
  artifacts: Type.Array(Type.Object({ id: Uuid, type: Type.String() })),
  created_at: Timestamp,
  current: Type.Boolean(),
  description: Type.String(),
  eligible_for_rollback: Type.Boolean(),
  id: Uuid,
  /** Ours: why a release failed, or what it went on without. */
  message: Type.Optional(Nullable(Type.String())),
  output_stream_url: Nullable(Type.String()),
  slug: Nullable(Type.Object({ id: Uuid })),
  status: Type.Union(releaseStatuses.map((status) => Type.Literal(status))),
  updated_at: Timestamp,
  user: UserRef,
  version: Type.Integer({ minimum: 1 }),
})
export type Release = Static<typeof Release>

const Names = Type.Array(Type.String())
const NamedAttachment = Type.Object({ addon: Ref, name: Type.String() })
const Numbered = Type.Object({ id: Uuid, version: Type.Integer({ minimum: 1 }) })

/** How two states of an app differ, in names; never a value. Ours. */
export const Comparison = Type.Object({
  add_ons: Type.Object({
    attached: Type.Array(NamedAttachment),
    detached: Type.Array(NamedAttachment),
    /** Attached before and after, with other values of the provider's. */
    renewed: Type.Array(NamedAttachment),
  }),
  app: Ref,
  /** The app's own. `kept` are names of the older release that belong to an add-on today, and stay with it. */
  config_vars: Type.Object({ added: Names, changed: Names, kept: Names, removed: Names }),
  /** Null when there was nothing before. */
  from: Nullable(Numbered),
  slug: Type.Object({
    changed: Type.Boolean(),
    from: Nullable(Type.Object({ id: Uuid })),
    to: Nullable(Type.Object({ id: Uuid })),
  }),
  to: Numbered,
})
export type Comparison = Static<typeof Comparison>

export const configRoutes = {
  info: route({
    method: 'GET',
    path: '/apps/:app/config-vars',
    title: 'Config var info; the header Mortise-Release says of which release',
    permission: 'app.operate',
    scope: 'read-protected',
    answer: ConfigVars,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/apps/:app/config-vars',
    title: 'Config var update',
    permission: 'app.operate',
    scope: 'write-protected',
    body: ConfigVars,
    answer: ConfigVars,
    status: 200,
  }),
  /** Ours: what there is, without telling what it says. */
  names: route({
    method: 'GET',
    path: '/apps/:app/config-var-names',
    title: 'Config var name list: without values, and whose each is',
    permission: 'app.operate',
    scope: 'read',
    answer: Type.Array(ConfigVarName),
    status: 200,
  }),
  /** Ours: the one that is asked for and no other; put on record with its name. */
  value: route({
    method: 'GET',
    path: '/apps/:app/config-vars/:name',
    title: 'Config var value info',
    permission: 'app.operate',
    scope: 'read-protected',
    answer: Type.Object({ name: Type.String(), value: Type.String() }),
    status: 200,
  }),
  atRelease: route({
    method: 'GET',
    path: '/apps/:app/releases/:release/config-vars',
    title: 'Config vars of a release',
    permission: 'app.operate',
    scope: 'write-protected',
    answer: ConfigVars,
    status: 200,
  }),
}

export const releaseRoutes = {
  list: route({
    method: 'GET',
    path: '/apps/:app/releases',
    title: 'Release list',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Release),
    status: 200,
    list: { fields: ['version', 'id'] },
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/releases/:release',
    title: 'Release info',
    permission: 'app.view',
    scope: 'read',
    answer: Release,
    status: 200,
  }),
  // Ours.
  compare: route({
    method: 'GET',
    path: '/apps/:app/releases/:release/comparison',
    title: 'Release comparison: what a release changed; with `with=now`, what a rollback to it would change',
    permission: 'app.view',
    scope: 'read',
    query: Type.Object({ with: Type.Optional(Type.Union([Type.Literal('previous'), Type.Literal('now')])) }),
    answer: Comparison,
    status: 200,
  }),
  // Ours: only an app that runs elsewhere knows which config it runs with.
  acknowledge: route({
    method: 'POST',
    path: '/apps/:app/releases/:release/actions/acknowledge',
    title: 'Release acknowledge: all of an external app runs with the config of this release',
    permission: 'app.operate',
    // A consumer's token reads config and says so; it needs no right to change anything.
    scope: 'read-protected',
    answer: Release,
    status: 200,
  }),
  // One address with two meanings on the wire: `{release}` rolls back, `{slug}` releases a slug.
  create: route({
    method: 'POST',
    path: '/apps/:app/releases',
    title: 'Release create, or rollback',
    permission: 'app.deploy',
    scope: 'write',
    body: Type.Object({
      description: Type.Optional(Type.String({ maxLength: 1000 })),
      release: Type.Optional(Identity),
      slug: Type.Optional(Identity),
    }),
    answer: Release,
    status: 201,
  }),
}
