import type { Authorization } from '@mortise/contract/platform-api/accounts'
import { span } from './time.js'

/** One authorization as lines of name and value; its token is whole only for whoever just made it. */
export function authorizationPairs(one: Authorization): Record<string, string | null> {
  return {
    Id: one.id,
    Client: one.client?.name ?? null,
    Scope: one.scope.join(', '),
    Token: one.access_token?.token ?? null,
    'Expires in': one.access_token?.expires_in ? span(one.access_token.expires_in) : null,
    Updated: one.updated_at,
  }
}
