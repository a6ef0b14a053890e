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
  /** With an operation it is written once, however often its step runs. */
  operationId?: string
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

/** A token of a program or a terminal was made, renewed or taken back, or ended in another way. */
export async function recordAuthorization(
  tx: Tx,
  world: World,
  {
    token,
    account: { id, email },
    action,
    at,
    actor = { id, email },
    data = {},
  }: {
    token: { id: string; description: string; scopes: readonly string[] }
    account: { id: string; email: string }
    action: EventAction
    at: Date
    /** Whoever did it, where that was not the token's owner. */
    actor?: Actor
    /** `because`: why it ended, where nobody took it back. `part`: only one of those that hang on it ended. */
    data?: { because?: 'client' | 'replay'; part?: 'access' | 'refresh' }
  },
): Promise<void> {
  await recordFact(tx, world, {
    ...{ at, actor, action, resource: 'authorization', subject: token.id, accountId: id },
    data: { description: token.description, scope: token.scopes.join(', '), ...data },
  })
}
