/**
 * Every error the platform answers: its id and its status. Bodies are `{id, message, …}`.
 * Source of ids and statuses: Heroku's Platform API, as recorded from real clients.
 */
export const errorStatus = {
  bad_request: 400,
  unauthorized: 401,
  delinquent: 402,
  forbidden: 403,
  suspended: 403,
  two_factor: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  conflict: 409,
  gone: 410,
  length_required: 411,
  precondition_failed: 412,
  request_too_large: 413,
  unsupported_media_type: 415,
  requested_range_not_satisfiable: 416,
  invalid_params: 422,
  multiple_matches: 422,
  provider_refused: 422,
  confirmation_required: 423,
  rate_limit: 429,
  internal_server_error: 500,
  not_implemented: 501,
  bad_gateway: 502,
  provider_unreachable: 503,
  maintenance: 503,
  service_unavailable: 503,
} as const
export type ErrorId = keyof typeof errorStatus

/** What some errors carry beside id and message; clients test `resource` literally. */
export interface ErrorDetails {
  /** The kind of thing that was not found: `app`, `add_on`, `add_on attachment`, `add_on_service`, … */
  resource?: string
  /** Where to read more, or what to open next. */
  url?: string
  app?: { id?: string; name: string }
}

/** An answer that is no success, in the contract's own words. Thrown by routes; never by pure rules. */
export class WireError extends Error {
  readonly id: ErrorId
  readonly status: number
  readonly details: ErrorDetails
  readonly headers: Record<string, string>

  constructor(id: ErrorId, message: string, details: ErrorDetails = {}, headers: Record<string, string> = {}) {
    super(message)
    this.name = 'WireError'
    this.id = id
    this.status = errorStatus[id]
    this.details = details
    this.headers = headers
  }

  /** The body as it goes over the wire. */
  get body(): { id: string; message: string } & ErrorDetails {
    return { id: this.id, message: this.message, ...this.details }
  }
}

const names = {
  app: 'app',
  app_setup: 'app setup',
  add_on: 'add-on',
  'add_on attachment': 'add-on attachment',
  add_on_service: 'add-on service',
  plan: 'plan',
  plan_pass: 'plan pass',
  provider_request: 'request',
  stage_request: 'stage request',
  release: 'release',
  config_var: 'config var',
  build: 'build',
  change: 'change',
  slug: 'slug',
  source: 'source',
  dyno: 'dyno',
  formation: 'process type',
  domain: 'domain',
  sni_endpoint: 'SNI endpoint',
  generation: 'generation',
  dyno_size: 'dyno size',
  pipeline: 'pipeline',
  pipeline_coupling: 'pipeline coupling',
  space: 'space',
  enterprise_account: 'enterprise account',
  oci_image: 'OCI image',
  region: 'region',
  stack: 'stack',
  manifest: 'manifest',
  authorization: 'authorization',
  session: 'session',
  collaborator: 'collaborator',
  account: 'account',
  login: 'login',
  invite: 'invite',
  password_reset: 'password reset',
  oauth_token: 'OAuth token',
  client: 'OAuth client',
  key: 'key',
  feature: 'feature',
  team: 'team',
  team_member: 'team member',
  team_invitation: 'team invitation',
  allowed_addon_service: 'allowed add-on service',
  app_transfer: 'app transfer',
  operation: 'operation',
  discrepancy: 'discrepancy',
  invoice: 'invoice',
  log_drain: 'log drain',
  telemetry_drain: 'telemetry drain',
  webhook: 'webhook',
  webhook_delivery: 'webhook delivery',
  webhook_event: 'webhook event',
} as const
export type ResourceKind = keyof typeof names

/** What to do next, for whoever is told no more than that it is not there. Apps and add-ons are told apart by whoever looks. */
const nextSteps: Partial<Record<ResourceKind, string>> = {
  add_on_service: 'GET /addon-services lists what can be installed.',
  plan: 'GET /addon-services/NAME/plans lists the plans of a service.',
  plan_pass: 'GET /api/v3/addons/SLUG/passes lists them.',
  provider_request: 'GET /api/v3/addons/SLUG/requests lists the newest 200; yours are kept for 7 days.',
  stage_request: 'GET /api/v3/addons/SLUG/stage-requests lists them.',
  config_var: 'GET /apps/APP/config-var-names lists them.',
  release: 'GET /apps/APP/releases lists them; name one by its version or id.',
  build: 'GET /apps/APP/builds lists them.',
  slug: 'A build names its slug: GET /apps/APP/builds.',
  dyno: 'GET /apps/APP/dynos lists what runs.',
  formation: 'GET /apps/APP/formation lists the process types of its slug.',
  domain: 'GET /apps/APP/domains lists them.',
  region: 'GET /regions lists them.',
  stack: 'GET /stacks lists them.',
  generation: 'GET /generations lists them.',
  dyno_size: 'GET /dyno-sizes lists them.',
  account: 'Only your own is yours to see: GET /account, or ~ in its place.',
  sni_endpoint: 'GET /apps/APP/sni-endpoints lists them.',
  change: 'POST /apps/APP/changes answers the id; what ended is kept for some time.',
  telemetry_drain: 'GET /apps/APP/telemetry-drains lists them.',
  manifest: 'GET /api/v3/addons/SLUG/manifests lists them.',
  operation: 'GET /operations lists what runs and what is kept.',
  source: 'POST /sources makes one.',
  session: 'GET /oauth/sessions lists yours.',
  authorization: 'GET /oauth/authorizations lists yours.',
  client: 'GET /oauth/clients lists yours.',
  collaborator: 'GET /apps/APP/collaborators lists them; name one by e-mail or id.',
  key: 'GET /account/keys lists yours.',
  feature: 'The list beside it, without the name, tells which there are.',
  team: 'GET /teams lists yours.',
  team_member: 'GET /teams/TEAM/members lists them; name one by e-mail or id.',
  team_invitation: 'GET /teams/TEAM/invitations lists those that are open.',
  allowed_addon_service: 'GET /teams/TEAM/allowed-addon-services lists them.',
  app_transfer: 'GET /account/app-transfers lists yours.',
  invoice: 'GET /account/invoices lists yours.',
  log_drain: 'GET /apps/APP/log-drains lists them; name one by id, token or URL.',
  webhook: 'GET /apps/APP/webhooks lists them.',
  webhook_delivery: 'GET /apps/APP/webhook-deliveries lists those that are kept.',
  webhook_event: 'GET /apps/APP/webhook-events lists those that are kept.',
  pipeline: 'There are no pipelines on this platform.',
  pipeline_coupling: 'There are no pipelines on this platform.',
  space: 'There are no private spaces on this platform.',
  enterprise_account: 'There are no enterprise accounts on this platform.',
  oci_image: 'Apps are built from their source on this platform.',
}

/**
 * "Couldn't find that app." with the `resource` that clients branch on.
 * @param hint which name was looked for, or what to do next; without it the kind's own next step
 */
export function notFound(resource: ResourceKind, hint = nextSteps[resource] ?? ''): WireError {
  return new WireError('not_found', `Couldn't find that ${names[resource]}.${hint ? ` ${hint}` : ''}`, { resource })
}

export function invalid(message: string, details: ErrorDetails = {}): WireError {
  return new WireError('invalid_params', message, details)
}

/** 423: what would be overwritten, and the name to confirm with. */
export function confirmationRequired(app: string, message: string): WireError {
  return new WireError('confirmation_required', message, {}, { 'X-Confirmation-Required': app })
}
