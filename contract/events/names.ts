/** What an event may be about. Source: the `include` values of app webhooks, without their `api:`; `log-drain` is ours. */
export const eventResources = [
  'addon',
  'addon-attachment',
  'app',
  'build',
  'collaborator',
  'domain',
  'dyno',
  'formation',
  'log-drain',
  'release',
  'sni-endpoint',
] as const
export type EventResource = (typeof eventResources)[number]

/** What happens to a person's account and in a team: who signed in, made a token, invited whom, changed whose role. */
export const accountResources = [
  'account',
  'allowed-service',
  'authorization',
  'invite',
  'oauth-client',
  'owned-app',
  'quota',
  'session',
  'team',
  'team-invitation',
  'team-member',
] as const

/**
 * What an operator did to our own books or decided about a service, whom a provider invited, where a provider's books differ
 * from ours, who read values of config vars, who was signed on to an add-on's page, and what happened to accounts and teams, which apps came to them and left them: on
 * record with the rest, and sent to no webhook.
 */
export const auditResources = [
  ...accountResources,
  'operation',
  'ledger',
  'discrepancy',
  'addon-service',
  'plan-pass',
  'stage-request',
  'config-read',
  'sign-on',
] as const
export type AuditResource = (typeof auditResources)[number]

export const eventActions = ['create', 'destroy', 'update'] as const
export type EventAction = (typeof eventActions)[number]

/** `api:release`: how a webhook says which events it wants. */
export type Include = `api:${EventResource}`

export const includeOf = (resource: EventResource): Include => `api:${resource}`

/** The older kind of certificates, which is not here; clients that ask for everything may still name it. */
const withoutEvents = ['api:ssl-endpoint'] as const

/** Everything that a webhook may include. */
export const includes: readonly string[] = [...eventResources.map(includeOf), ...withoutEvents]

/**
 * What a provider needs the customer's leave for: how an app is built and run is not the add-on's business.
 * Source: partner documentation of add-on webhooks ("build, dyno, formation, release need permission").
 */
export const includesOfCustomersOnly: readonly string[] = [
  'api:build',
  'api:dyno',
  'api:formation',
  'api:log-drain',
  'api:release',
]
