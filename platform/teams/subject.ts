import type { TeamRole } from '@mortise/contract/platform-api/teams'
import type { Team } from './team.js'

/** The team that the guard loaded, and the caller's role. @throws a bug: the permission is not of the `team.` kind */
export function teamIn(subjects: { team?: Team; teamRole?: TeamRole | null }): { team: Team; role: TeamRole | null } {
  if (!subjects.team) throw new Error('a route that speaks of a team has a permission that loads none')
  return { team: subjects.team, role: subjects.teamRole ?? null }
}
