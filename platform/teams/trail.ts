import type { EventAction } from '@mortise/contract/events/names'
import { recordFact } from '../accounts/trail.js'
import type { Tx } from '../db/db.js'
import type { Actor, JsonObject } from '../saga/saga.js'
import type { World } from '../world/world.js'
import type { Team } from './team.js'

/** Something that happened in a team: written down with what made it true, and told to its admins. */
export interface TeamFact {
  team: Pick<Team, 'id' | 'name' | 'accountId'>
  at: Date
  actor: Actor
  action: EventAction
  resource: 'team' | 'team-member' | 'team-invitation' | 'allowed-service'
  /** Of a member the account's id, so that they find it in their own trail, too. */
  subject: string
  data: JsonObject
  previous?: JsonObject
}

export async function recordOfTeam(tx: Tx, world: World, { team, data, ...fact }: TeamFact): Promise<void> {
  await recordFact(tx, world, { ...fact, accountId: team.accountId, data: { ...data, team: team.name } })
}
