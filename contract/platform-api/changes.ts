import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Options } from './addons.js'
import { ConfigVars, Release } from './releases.js'
import { Identity, Nullable, Ref, Timestamp, Uuid } from './shared.js'

const Name = Type.String({ minLength: 1, maxLength: 200 })
const Names = Type.Array(Type.String())

/**
 * Several changes of an app as one release. All are made or none: the add-ons are asked for first, side by side, and when
 * one of their providers refuses, the others are removed and nothing else happens.
 */
export const Change = Type.Object({
  add_ons: Type.Array(
    Type.Object({
      /** Null in a dry run: it has none yet. */
      id: Nullable(Uuid),
      name: Nullable(Type.String()),
      plan: Type.String(),
      price: Type.Object({ cents: Type.Integer(), contract: Type.Boolean(), unit: Type.String() }),
      attachment: Type.String(),
      config_vars: Names,
    }),
  ),
  app: Ref,
  attachments: Type.Array(Type.Object({ name: Type.String(), addon: Ref, config_vars: Names })),
  /** Names only. `changed` have another value or another owner. */
  config_vars: Type.Object({ added: Names, changed: Names, removed: Names }),
  created_at: Timestamp,
  /** As the release says it. */
  description: Type.String(),
  detached: Type.Array(Type.Object({ name: Type.String(), addon: Ref })),
  /** Null in a dry run. */
  id: Nullable(Uuid),
  /** Why nothing was changed, or what it waits for. */
  message: Nullable(Type.String()),
  /** What would be lost beside what was asked to go; `confirm` is needed when there is something. In words. */
  overwrites: Names,
  /** What the new add-ons cost more per month. */
  price: Type.Object({ cents: Type.Integer(), unit: Type.Literal('month') }),
  /** Null in a dry run, while it is pending, and when nothing differs from before. */
  release: Nullable(Release),
  state: Type.Union([Type.Literal('preview'), Type.Literal('pending'), Type.Literal('done'), Type.Literal('failed')]),
})
export type Change = Static<typeof Change>

/** An add-on to be created. */
const Creation = Type.Object({
  attachment: Type.Optional(Nullable(Type.Object({ name: Type.Optional(Nullable(Name)) }))),
  config: Type.Optional(Nullable(Options)),
  name: Type.Optional(Nullable(Name)),
  plan: Identity,
})

/** What a new app would come with; see `Change` for what the fields say. */
export const NewAppPreview = Type.Object({
  add_ons: Change.properties.add_ons,
  /** `name` is null where it would be made up. */
  app: Type.Object({ name: Nullable(Type.String()), region: Ref }),
  config_vars: Change.properties.config_vars,
  overwrites: Names,
  price: Change.properties.price,
})
export type NewAppPreview = Static<typeof NewAppPreview>

export const changeRoutes = {
  create: route({
    method: 'POST',
    path: '/apps/:app/changes',
    title: 'Change create: several changes, one release; with dry_run only what would happen',
    permission: 'app.operate',
    scope: 'write-protected',
    query: Type.Object({ dry_run: Type.Optional(Type.String()) }),
    body: Type.Object({
      attach: Type.Optional(
        Type.Array(
          Type.Object({
            addon: Identity,
            name: Type.Optional(Nullable(Name)),
            /** `credential:NAME`; the default credential when absent. */
            namespace: Type.Optional(Nullable(Name)),
          }),
          { maxItems: 20 },
        ),
      ),
      config: Type.Optional(ConfigVars),
      /** The app's name, when something is overwritten. */
      confirm: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
      create: Type.Optional(Type.Array(Creation, { maxItems: 10 })),
      /** Attachments of this app, by name or id. */
      detach: Type.Optional(Type.Array(Identity, { maxItems: 20 })),
    }),
    answer: Change,
    status: 201,
    errors: ['confirmation_required', 'provider_refused', 'provider_unreachable'],
  }),
  rehearseNewApp: route({
    method: 'POST',
    path: '/actions/apps/rehearse',
    title: 'App rehearse: what a new app with these add-ons would come with; nothing is made',
    permission: 'account',
    scope: 'write',
    body: Type.Object({
      create: Type.Array(Creation, { minItems: 1, maxItems: 10 }),
      name: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      region: Type.Optional(Nullable(Identity)),
      team: Type.Optional(Nullable(Identity)),
    }),
    answer: NewAppPreview,
    status: 200,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/changes/:change',
    title: 'Change info',
    permission: 'app.view',
    scope: 'read',
    answer: Change,
    status: 200,
  }),
}
