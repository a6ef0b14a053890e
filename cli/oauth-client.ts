import type { OauthClient } from '@mortise/contract/platform-api/accounts'

/** One OAuth client as lines of name and value; its secret is whole only in the answer that made it. */
export function clientPairs(client: OauthClient): Record<string, string> {
  return {
    Id: client.id,
    Name: client.name,
    'Redirect URI': client.redirect_uri,
    Secret: client.secret,
    Created: client.created_at,
    Updated: client.updated_at,
  }
}
