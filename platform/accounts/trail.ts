import type { accountResources, EventAction } from '@mortise/contract/events/names'
import type { Tx } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import type { World } from '../world/world.js'

/** Something that happened to a person's account or in a team. */
export interface AccountFact {
  at: Date
  actor: Actor
  action: EventAction
  resource: (typeof accountResources)[number]
  /** Who or what it is about; a member of a team by the account's id, so that they find it, too. */
  subject: string
  /** In whose trail it stands: the person's, or that of the account which stands for the team; null for the operator's alone. */
  accountId: string | null
  /** Names and states, never a password or a token. */
  data: JsonObject
  previous?: JsonObject
}

/** Writes it down in the transaction that made it true. */
export async function recordFact(tx: Tx, world: World, { accountId, ...fact }: AccountFact): Promise<void> {
  await appendEvent(tx, { ...fact, id: world.id(), appId: null, ...(accountId === null ? {} : { accountId }) })
}

/** That there is another password now; whether its owner knew the old one, or came by a link. */
export async function recordPassword(
  tx: Tx,
  world: World,
  { account: { id, email }, by, at }: { account: { id: string; email: string }; by: 'owner' | 'link'; at: Date },
): Promise<void> {
  await recordFact(tx, world, {
    ...{ at, actor: { id, email }, action: 'update', resource: 'account', subject: id, accountId: id },
    data: { email, changed: 'password', by },
  })
}

/** A token of a program or a terminal was made, renewed or taken back. */
export async function recordAuthorization(
  tx: Tx,
  world: World,
  {
    token,
    account: { id, email },
    action,
    at,
  }: {
    token: { id: string; description: string; scopes: readonly string[] }
    account: { id: string; email: string }
    action: EventAction
    at: Date
  },
): Promise<void> {
  await recordFact(tx, world, {
    ...{ at, actor: { id, email }, action, resource: 'authorization', subject: token.id, accountId: id },
    data: { description: token.description, scope: token.scopes.join(', ') },
  })
}
