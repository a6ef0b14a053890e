import { type Static, Type } from '@sinclair/typebox'

const text = Type.String()

/** Our extension: what a plan costs. Whole cents per month of 30 days, pro-rated by the second. */
export const PlanPrice = Type.Object({
  cents: Type.Integer({ minimum: 0 }),
  unit: Type.Literal('month'),
})
export type PlanPrice = Static<typeof PlanPrice>

/**
 * public: for all · hidden: for whoever knows its name · invite_only: for the provider and whom it gave a pass ·
 * deprecated: who has it keeps it, nobody else gets it without a pass.
 */
export const planStates = ['public', 'hidden', 'invite_only', 'deprecated'] as const
export type PlanState = (typeof planStates)[number]

/**
 * Something that a provider offers to do with one add-on: a button that signs on with `action` in the form, or leads to
 * `url`, where `:resource_id` stands for the add-on. Source: platform-api, "Add-on Plan Action".
 */
export const PlanAction = Type.Object({
  label: text,
  action: Type.Optional(text),
  url: Type.Optional(text),
  requires_owner: Type.Boolean({ description: 'only for whoever manages the app' }),
})
export type PlanAction = Static<typeof PlanAction>
export const planActionsMax = 10

export const ManifestPlan = Type.Object({
  name: Type.String({ description: 'what customers type after the colon; never changes' }),
  human_name: text,
  description: text,
  price: PlanPrice,
  default: Type.Boolean({ description: 'the plan of addons:create without one; exactly one' }),
  features: Type.Array(text, { description: 'short lines that compare plans' }),
  state: Type.Union([...planStates.map((state) => Type.Literal(state))]),
  visible: Type.Boolean({ description: 'listed in the marketplace' }),
  actions: Type.Optional(Type.Array(PlanAction)),
  regions: Type.Optional(
    Type.Array(text, {
      minItems: 1,
      description: "where it is sold, when that is not in all of the service's regions",
    }),
  ),
})
export type ManifestPlan = Static<typeof ManifestPlan>

export const ManifestEndpoint = Type.Object({
  base_url: Type.String({ description: 'ends in /heroku/resources' }),
  sso_url: Type.Optional(Type.String()),
  // A string for `production` meant sign-on by GET below base_url; an object with sso_url means POST to it.
  sso_method: Type.Union([Type.Literal('post'), Type.Literal('get'), Type.Literal('none')]),
})
export type ManifestEndpoint = Static<typeof ManifestEndpoint>

/**
 * How a provider describes its service, after reading: every generation in one shape, nothing left out.
 * `readManifest` makes it, reading it again changes nothing, and example.jsonc is the annotated form.
 */
export const Manifest = Type.Object({
  id: Type.String({ description: "the slug, and the user of the provider's Basic auth" }),
  name: text,
  cli_plugin_name: Type.Optional(text),
  // The revision that a push was based on. It is echoed, so that two people do not overwrite each other.
  $base: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  description: Type.Optional(text),
  categories: Type.Optional(Type.Array(text)),
  icon: Type.Optional(text),
  docs_url: Type.Optional(text),
  support_url: Type.Optional(text),
  options: Type.Optional(
    Type.Record(text, Type.Unknown(), { description: 'JSON Schema of the options a customer may give' }),
  ),
  api: Type.Object({
    version: Type.Union([Type.Literal('1'), Type.Literal('3')]),
    password: Type.String({ minLength: 1 }),
    sso_salt: text,
    sso: Type.Optional(Type.Literal('user_scoped')),
    config_vars: Type.Array(text),
    config_vars_prefix: text,
    regions: Type.Array(text, { minItems: 1 }),
    requires: Type.Array(text),
    lists_resources: Type.Optional(
      Type.Boolean({ description: 'ours: GET base_url answers what is kept, to be compared with the ledger' }),
    ),
    production: ManifestEndpoint,
    test: Type.Optional(ManifestEndpoint),
  }),
  plans: Type.Array(ManifestPlan, { minItems: 1 }),
})
export type Manifest = Static<typeof Manifest>

/** What a service without plans gets. Source: Dev Center, stages of add-on development: alpha has one free plan. */
export const testPlan: ManifestPlan = {
  name: 'test',
  human_name: 'Test',
  description: '',
  price: { cents: 0, unit: 'month' },
  default: true,
  features: [],
  state: 'public',
  visible: true,
}

/** The words that `api.requires` may hold. `credentials` is ours; the rest are Heroku's. */
export const requirements = ['attachable', 'many_per_app', 'log_input', 'syslog_drain', 'credentials'] as const

/** The region words of the three generations. Source: kensa 3.1.0. Installations may know more; `*` is any. */
export const knownRegions = ['*', 'us', 'eu', 'virginia', 'oregon', 'frankfurt', 'tokyo', 'dublin'] as const

/** The prefix that a slug gives by itself: FAST_DB of fast-db. Source: kensa 3.1.0. */
export function prefixOf(slug: string): string {
  return slug.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
}

/** The beginning of this service's config var names, which an attachment's name replaces. */
export function configPrefix(manifest: { id: string; api: { config_vars_prefix?: string } }): string {
  return manifest.api.config_vars_prefix || prefixOf(manifest.id)
}
