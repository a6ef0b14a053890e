import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

/** One add-on as its provider finds it in the list of all. Source: Dev Center, "Add-on App Info". */
export const VendorApp = Type.Object({
  callback_url: Type.String(),
  heroku_id: Type.String(),
  plan: Type.String(),
  provider_id: Nullable(Type.String()),
  resource: Type.Object({ name: Type.String(), uuid: Uuid }),
})
export type VendorApp = Static<typeof VendorApp>

/** What a provider is told of the app behind an add-on. Source: the same. */
export const VendorAppInfo = Type.Object({
  callback_url: Type.String(),
  config: Type.Record(Type.String(), Type.String()),
  domains: Type.Array(Type.String()),
  id: Type.String({ description: 'app<N>@heroku.com: never changes, whatever the app is called' }),
  log_input_url: Nullable(Type.String()),
  logplex_token: Nullable(Type.String()),
  name: Type.String(),
  owner_email: Type.String(),
  region: Type.String(),
  resource: Type.Object({ name: Type.String(), uuid: Uuid }),
})
export type VendorAppInfo = Static<typeof VendorAppInfo>

/** Results on one page; more are told in a Link header. Source: the same. */
export const vendorPageMax = 4000

const common = { permission: 'provider', scope: 'read', status: 200 } as const

/** The first generation's calls back, with the service's id and its password. */
export const vendorRoutes = {
  list: route({
    ...common,
    method: 'GET',
    path: '/vendor/apps',
    title: 'App Info list',
    query: Type.Object({ offset: Type.Optional(Type.String({ pattern: '^\\d{1,9}$' })) }),
    answer: Type.Array(VendorApp),
  }),
  info: route({
    ...common,
    method: 'GET',
    path: '/vendor/apps/:heroku_id',
    title: "App Info, by heroku_id or by the add-on's uuid",
    errors: ['multiple_matches'],
    answer: VendorAppInfo,
  }),
  update: route({
    ...common,
    method: 'PUT',
    path: '/vendor/apps/:heroku_id',
    title: 'Config update by a provider',
    errors: ['multiple_matches'],
    scope: 'write',
    body: Type.Object({ config: Type.Record(Type.String({ maxLength: 200 }), Nullable(Type.String())) }),
    answer: VendorAppInfo,
  }),
  logSources: route({
    ...common,
    method: 'GET',
    path: '/vendor/logplex/whitelist',
    title: 'Addresses that log lines come from',
    answer: Type.Array(Type.String()),
  }),
  grant: route({
    ...common,
    method: 'GET',
    path: '/vendor/resources/:addon/oauth-grant',
    title: 'A fresh grant for an add-on, to move it to the newer contract',
    answer: Type.Object({
      oauth_grant: Type.Object({
        code: Type.String(),
        expires_at: Type.String(),
        type: Type.Literal('authorization_code'),
      }),
    }),
  }),
  installs: route({
    ...common,
    method: 'GET',
    path: '/api/v3/apps',
    title: 'Every install of the service',
    answer: Type.Array(
      Type.Object({
        app: Nullable(Ref),
        callback_url: Type.String(),
        created_at: Timestamp,
        heroku_id: Nullable(Type.String()),
        id: Uuid,
        name: Type.String(),
        plan: Type.String(),
        provider_id: Nullable(Type.String()),
        region: Type.String(),
        state: Type.String(),
        updated_at: Timestamp,
        uuid: Uuid,
      }),
    ),
  }),
}

const Usage = {
  quantity: Type.Number(),
  resource: Type.Object({ id: Type.String({ maxLength: 100 }) }),
  unit: Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }),
}

/** Meters of one add-on, month to date (UTC). Clients read `meters[label].quantity`. */
export const AddonUsage = Type.Object({
  id: Uuid,
  meters: Type.Record(Type.String(), Type.Object({ quantity: Type.Number() })),
})
export type AddonUsage = Static<typeof AddonUsage>
const AppUsage = Type.Object({ addons: Type.Array(AddonUsage) })

export const usageRoutes = {
  report: route({
    ...common,
    method: 'POST',
    path: '/api/v3/addons/:slug/usage_batches',
    title: 'Usage of the last full hour, line by line',
    scope: 'write',
    body: Type.Object({
      timestamp: Type.String({ maxLength: 40 }),
      usages: Type.Array(Type.Object(Usage), { minItems: 1, maxItems: 10_000 }),
    }),
    answer: Type.Object({
      id: Uuid,
      timestamp: Timestamp,
      usages: Type.Array(
        Type.Object({
          ...Usage,
          errors: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String()))),
          id: Uuid,
          status: Type.Union([Type.Literal('accepted'), Type.Literal('rejected')]),
        }),
      ),
    }),
    status: 202,
  }),
  ofApp: route({
    method: 'GET',
    path: '/apps/:app/usage',
    title: 'Usage of metered add-ons of an app, this month',
    permission: 'app.view',
    scope: 'read',
    answer: AppUsage,
    status: 200,
  }),
  ofTeam: route({
    method: 'GET',
    path: '/teams/:team/usage',
    title: "Usage of metered add-ons of a team's apps, this month",
    permission: 'team.view',
    scope: 'read',
    answer: Type.Object({
      apps: Type.Array(Type.Object({ addons: Type.Array(AddonUsage), id: Uuid, name: Type.String() })),
    }),
    status: 200,
  }),
  ofTeamApp: route({
    method: 'GET',
    path: '/teams/:team/apps/:app/usage',
    title: "Usage of metered add-ons of one of a team's apps, this month",
    permission: 'app.view',
    scope: 'read',
    answer: AppUsage,
    status: 200,
  }),
}

/** What the token of a grant may call, listed instead of found out by 403. */
export const partnerPermissionRoutes = {
  list: route({
    method: 'GET',
    path: '/partner/permissions',
    title: "What a provider's token may call",
    permission: 'bearer',
    scope: 'read',
    answer: Type.Array(
      Type.Object({
        limited_to: Type.Union(['add-on', 'service', 'app', 'team'].map((one) => Type.Literal(one))),
        method: Type.String(),
        path: Type.String(),
        title: Type.String(),
      }),
    ),
    status: 200,
  }),
}

/** kensa's door: Basic with e-mail and password, or with a key as the password; the body is the manifest itself. */
export const kensaRoutes = {
  push: route({
    method: 'POST',
    path: '/provider/addons',
    title: 'Manifest push by kensa',
    permission: 'anyone',
    scope: 'write-protected',
    body: Type.Record(Type.String(), Type.Unknown()),
    answer: Type.Record(Type.String(), Type.Unknown()),
    status: 200,
  }),
  pull: route({
    method: 'GET',
    path: '/provider/addons/:slug',
    title: 'Manifest pull by kensa',
    permission: 'anyone',
    scope: 'read-protected',
    answer: Type.Record(Type.String(), Type.Unknown()),
    status: 200,
  }),
}
