import { notFound, WireError } from '@mortise/contract/errors'
import type { TeamRole } from '@mortise/contract/platform-api/teams'
import { mayWithTeam, type TeamRight } from '../accounts/permit.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { roleIn } from './member-store.js'
import { findTeam } from './store.js'
import type { Team } from './team.js'

/**
 * The team of that name or id, if who asks has the right. Whoever is no member learns nothing, not even that there is
 * such a team.
 * @throws WireError 404, or 403 for members who lack the right
 */
export async function guardTeam(
  db: Db,
  asker: Asker,
  identity: string,
  right: TeamRight,
): Promise<{ team: Team; role: TeamRole | null }> {
  if (!asker.account)
    throw new WireError('forbidden', 'This needs an account, not the token of a grant. Send the token of a person.')
  const team = await findTeam(db, identity)
  const role = team ? await roleIn(db, team.id, asker.account.id) : null
  if (!team || !mayWithTeam(asker, role, 'view')) throw notFound('team')
  if (!mayWithTeam(asker, role, right)) {
    const what = right === 'admin' ? 'change the team' : 'make apps in the team'
    throw new WireError('forbidden', `You are a ${role} of ${team.name} and can not ${what}. One of its admins can.`)
  }
  return { team, role }
}
