import { type ErrorId, errorStatus } from '../errors.js'
import type { Route } from '../route.js'

/** What each error means, for whoever reads the documents. */
export const errorWords: Readonly<Record<ErrorId, string>> = {
  bad_request: 'The request can not be read: its JSON, its address, or a NUL in it.',
  unauthorized: 'There is no token, or it is not, or no longer, good.',
  delinquent: 'The account owes money.',
  forbidden: 'The token lacks a scope, or its account a right.',
  suspended: 'The account is suspended.',
  two_factor: 'A second factor is needed.',
  not_found: 'There is no such thing, or it is not yours to see. `resource` says of which kind.',
  method_not_allowed: 'The address is there, and does not know this method.',
  not_acceptable: 'Accept asks for another version of the API than 3.',
  conflict: 'Something else is under way that this would get in the way of. Try again when it is done.',
  gone: 'It was here, and was removed for good.',
  length_required: 'The body must come in one piece, with a Content-Length.',
  precondition_failed: 'If-Match names another state than the present one.',
  request_too_large: 'The body, or a header, is larger than the limit.',
  unsupported_media_type: 'The body is of another type than this address takes.',
  requested_range_not_satisfiable: 'The Range header can not be read.',
  invalid_params: 'A field is missing, of another shape, or not possible. The message names it.',
  multiple_matches: 'The name fits several things. The message names them.',
  provider_refused: "The add-on's provider said no, in its own words. Nothing was changed.",
  confirmation_required: 'Something would be overwritten. Send `confirm` with the name in X-Confirmation-Required.',
  rate_limit: 'Too many requests. Retry-After says in how many seconds there is room.',
  internal_server_error: 'A fault of ours. The Request-Id leads the operator to it.',
  not_implemented: 'This platform does not do that.',
  bad_gateway: 'What stands behind gave no readable answer.',
  provider_unreachable: "The add-on's provider can not be reached. Nothing was changed.",
  maintenance: 'The platform is starting or being worked on.',
  service_unavailable: 'A part of the platform is away for a moment. Retry-After says when to try again.',
}

const always: readonly ErrorId[] = [
  'bad_request',
  'invalid_params',
  'unauthorized',
  'forbidden',
  'suspended',
  'not_acceptable',
  'gone',
  'rate_limit',
  'request_too_large',
  'internal_server_error',
  'service_unavailable',
]

/**
 * The ids of all errors that a route may answer: those that follow from what it is, and those that it declares. Tests hold
 * every error that the server answers against it.
 */
export function errorsOf(route: Route): ErrorId[] {
  const ids = new Set<ErrorId>([...always, 'precondition_failed', ...(route.errors ?? [])])
  // A name may fit nothing, or several things; bodies name things too.
  if (route.path.includes('/:') || route.body) for (const id of ['not_found', 'multiple_matches'] as const) ids.add(id)
  if (route.list) ids.add('requested_range_not_satisfiable')
  if (route.method !== 'GET') for (const id of ['conflict', 'unsupported_media_type'] as const) ids.add(id)
  return [...ids].sort((a, b) => errorStatus[a] - errorStatus[b] || a.localeCompare(b))
}
