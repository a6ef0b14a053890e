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
  release: 'release',
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

/** "Couldn't find that app." with the `resource` that clients branch on. `hint` says which name was looked for. */
export function notFound(resource: ResourceKind, hint = ''): WireError {
  return new WireError('not_found', `Couldn't find that ${names[resource]}.${hint ? ` ${hint}` : ''}`, { resource })
}

export function invalid(message: string, details: ErrorDetails = {}): WireError {
  return new WireError('invalid_params', message, details)
}

/** 423: what would be overwritten, and the name to confirm with. */
export function confirmationRequired(app: string, message: string): WireError {
  return new WireError('confirmation_required', message, {}, { 'X-Confirmation-Required': app })
}
