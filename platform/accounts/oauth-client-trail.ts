import type { Tx } from '../db/db.js'
import type { Actor } from '../saga/saga.js'
import type { World } from '../world/world.js'
import type { OauthClient } from './oauth-client-store.js'
import { authorizationsNaming } from './token-store.js'
import { recordAuthorization, recordFact } from './trail.js'

interface ClientFact {
  client: OauthClient
  actor: Actor
  action: 'create' | 'update' | 'destroy'
  at: Date
  /** As it was, when it is changed. */
  before?: OauthClient
  isSecretNew?: boolean
}

/** A program of a third party was registered, changed or removed. Never its secret, only that there is a new one. */
export async function recordClient(
  tx: Tx,
  world: World,
  { client, actor, action, at, before, isSecretNew }: ClientFact,
): Promise<void> {
  const { accountId } = client
  const previous = before && { name: before.name, redirect_uri: before.redirectUri }
  const now = { name: client.name, redirect_uri: client.redirectUri }
  const isOther = (field: keyof typeof now) => previous !== undefined && previous[field] !== now[field]
  const changed = (['name', 'redirect_uri'] as const).filter(isOther)
  // A change that changes nothing is on no record.
  if (action === 'update' && changed.length === 0 && !isSecretNew) return
  await recordFact(tx, world, {
    ...{ at, actor, action, resource: 'oauth-client', subject: client.id, accountId },
    data: { ...now, ...(isSecretNew ? { changed: 'secret' } : {}) },
    previous: previous ? Object.fromEntries(changed.map((field) => [field, previous[field]])) : {},
  })
}

/**
 * That what people allowed these programs ends with them, in the trail of each of those people. Before it does.
 * @param of whoever removes the programs: their own tokens need no telling when their account ends
 */
export async function recordEndOfAllowed(
  tx: Tx,
  world: World,
  { clientIds, actor, at, of }: { clientIds: readonly string[]; actor: Actor; at: Date; of?: string },
): Promise<void> {
  for (const { account, ...token } of await authorizationsNaming(tx, clientIds)) {
    if (account.id === of) continue
    const data = { because: 'client' } as const
    await recordAuthorization(tx, world, { token, account, action: 'destroy', at, actor, data })
  }
}
