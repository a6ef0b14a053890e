import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Region } from './apps.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

/**
 * alpha: for its owner and whom it gave a pass · beta: for all, not billed · ga: billed · shutdown: no new customers. On a localhost installation
 * everybody may install everything.
 */
export const serviceStates = ['alpha', 'beta', 'ga', 'shutdown'] as const
const ServiceState = Type.Union(serviceStates.map((state) => Type.Literal(state)))

export const Price = Type.Object({
  cents: Type.Integer({ minimum: 0 }),
  contract: Type.Boolean(),
  metered: Type.Optional(Type.Boolean()),
  unit: Type.String(),
})
export type Price = Static<typeof Price>

export const AddonService = Type.Object({
  cli_plugin_name: Nullable(Type.String()),
  created_at: Timestamp,
  human_name: Type.String(),
  id: Uuid,
  name: Type.String(),
  state: ServiceState,
  supported_generations: Type.Array(Ref),
  supports_multiple_installations: Type.Boolean(),
  supports_sharing: Type.Boolean(),
  updated_at: Timestamp,
  // Ours, for the marketplace.
  description: Type.Optional(Nullable(Type.String())),
  categories: Type.Optional(Type.Array(Type.String())),
  config_vars: Type.Optional(Type.Array(Type.String())),
  config_vars_prefix: Type.Optional(Type.String()),
  docs_url: Type.Optional(Nullable(Type.String())),
  support_url: Type.Optional(Nullable(Type.String())),
  /** How many plans are on offer, and the cheapest that has a number: what a list says without asking for each. */
  plan_count: Type.Optional(Type.Integer()),
  lowest_price: Type.Optional(Nullable(Price)),
  /** Names of the regions that it can be installed in. */
  regions: Type.Optional(Type.Array(Type.String())),
  /** Who runs it, where they gave themselves a name; only in the answer for one service. */
  provider: Type.Optional(Nullable(Type.Object({ name: Type.String() }))),
  /** JSON Schema of the options that a customer may give; only in the answer for one service. */
  options: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
  /** The newest inspection of this service in which nothing failed, as its provider reported it. */
  inspection: Type.Optional(Nullable(Type.Object({ manifest_revision: Type.Integer(), passed_at: Timestamp }))),
})
export type AddonService = Static<typeof AddonService>

export const Plan = Type.Object({
  addon_service: Ref,
  compliance: Nullable(Type.Array(Type.String())),
  created_at: Timestamp,
  default: Type.Boolean(),
  description: Type.String(),
  human_name: Type.String(),
  id: Uuid,
  installable_inside_private_network: Type.Boolean(),
  installable_outside_private_network: Type.Boolean(),
  name: Type.String(),
  price: Price,
  space_default: Type.Boolean(),
  state: Type.String(),
  updated_at: Timestamp,
  visible: Type.Boolean(),
  // Ours, for the marketplace.
  features: Type.Optional(Type.Array(Type.String())),
  /** Where it is sold; null: wherever its service is. */
  regions: Type.Optional(Nullable(Type.Array(Type.String()))),
})
export type Plan = Static<typeof Plan>

export const RegionCapability = Type.Object({
  addon_service: AddonService,
  id: Uuid,
  region: Region,
  supports_private_networking: Type.Boolean(),
})
export type RegionCapability = Static<typeof RegionCapability>

const byName = { fields: ['id', 'name', 'created_at', 'updated_at'] } as const

const Capabilities = {
  permission: 'anyone',
  scope: 'read',
  answer: Type.Array(RegionCapability),
  status: 200,
  list: { fields: ['id'] },
} as const

// Heroku documents the services as readable without signing in; the plans are made so too.
export const catalogRoutes = {
  services: route({
    method: 'GET',
    path: '/addon-services',
    title: 'Add-on service list',
    permission: 'anyone',
    scope: 'read',
    answer: Type.Array(AddonService),
    status: 200,
    list: byName,
  }),
  service: route({
    method: 'GET',
    path: '/addon-services/:service',
    title: 'Add-on service info',
    permission: 'anyone',
    scope: 'read',
    answer: AddonService,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/addon-services/:service',
    title: 'Add-on service update',
    permission: 'operator',
    scope: 'write',
    description:
      'A service becomes ga when the newest inspection of the manifest that is in force passed, and is at most 30 days old. With `reason` it does without; the reason is on record.',
    body: Type.Object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })), state: ServiceState }),
    answer: AddonService,
    status: 200,
  }),
  plans: route({
    method: 'GET',
    path: '/addon-services/:service/plans',
    title: 'Plan list',
    permission: 'anyone',
    scope: 'read',
    answer: Type.Array(Plan),
    status: 200,
    list: byName,
  }),
  planOfService: route({
    method: 'GET',
    path: '/addon-services/:service/plans/:plan',
    title: 'Plan info by service',
    permission: 'anyone',
    scope: 'read',
    answer: Plan,
    status: 200,
  }),
  plan: route({
    method: 'GET',
    path: '/plans/:plan',
    title: 'Plan info',
    permission: 'anyone',
    scope: 'read',
    answer: Plan,
    status: 200,
  }),
  capabilities: route({
    ...Capabilities,
    method: 'GET',
    path: '/addon-region-capabilities',
    title: 'Add-on region capability list',
  }),
  capabilitiesOfService: route({
    ...Capabilities,
    method: 'GET',
    path: '/addon-services/:service/region-capabilities',
    title: 'Add-on region capability list of a service',
  }),
  capabilitiesOfRegion: route({
    ...Capabilities,
    method: 'GET',
    path: '/regions/:region/addon-region-capabilities',
    title: 'Add-on region capability list of a region',
  }),
}

const Contents = Type.Record(Type.String(), Type.Unknown())

/** What `addons:admin:*` calls. Errors here are `{error: {base: [...]}}`, not `{id, message}`. */
export const portalRoutes = {
  push: route({
    method: 'POST',
    path: '/api/v3/addons/:slug/manifests',
    title: 'Manifest push',
    permission: 'account',
    scope: 'write-protected',
    body: Type.Object({ contents: Contents }),
    // The OAuth client secret is told once, in the answer to the first push.
    answer: Type.Object({
      contents: Contents,
      client_secret: Type.Optional(Type.String()),
      warnings: Type.Optional(Type.Array(Type.String())),
    }),
    status: 201,
  }),
  current: route({
    method: 'GET',
    path: '/api/v3/addons/:slug/current_manifest',
    title: 'Manifest pull',
    permission: 'service.owner',
    scope: 'read-protected',
    answer: Type.Object({ contents: Contents }),
    status: 200,
  }),
  list: route({
    method: 'GET',
    path: '/api/v3/addons/:slug/manifests',
    title: 'Manifest versions',
    permission: 'service.owner',
    scope: 'read',
    answer: Type.Array(Type.Object({ id: Uuid, created_at: Timestamp })),
    status: 200,
  }),
  info: route({
    method: 'GET',
    path: '/api/v3/addons/:slug/manifests/:manifest',
    title: 'Manifest of a version',
    permission: 'service.owner',
    scope: 'read-protected',
    answer: Type.Object({ contents: Contents }),
    status: 200,
  }),
  resetSecret: route({
    method: 'POST',
    path: '/api/v3/addons/:slug/oauth',
    title: 'OAuth client secret reset',
    permission: 'service.owner',
    scope: 'write-protected',
    answer: Type.Object({ client_secret: Type.String() }),
    status: 201,
  }),
}
