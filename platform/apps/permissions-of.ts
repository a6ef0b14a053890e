import type { PermissionEntity } from '@mortise/contract/platform-api/teams'
import { appRights, rightsOf } from '../accounts/permit.js'
import type { Db } from '../db/db.js'
import { listMembers } from '../teams/member-store.js'
import type { Team } from '../teams/team.js'
import type { App } from './app.js'
import { collaboratorsOf } from './collaborator-store.js'

/**
 * Who may do what with each of a team's apps: by their role in the team, by name as collaborators, or both. Judged by the
 * very rule that lets them in; the number of questions does not grow with the apps.
 */
export async function permissionsOf(db: Db, team: Team, apps: readonly App[]): Promise<PermissionEntity[]> {
  const members = await listMembers(db, team.id)
  const collaborators = await collaboratorsOf(
    db,
    apps.map(({ id }) => id),
  )
  return apps.map((app) => {
    const here = collaborators.filter(({ appId }) => appId === app.id)
    const people = new Map([...members, ...here].map(({ accountId, email }) => [accountId, email]))
    const users = [...people].map(([id, email]) => {
      const rights = rightsOf({
        isOwner: false,
        permissions: here.find(({ accountId }) => accountId === id)?.permissions ?? null,
        role: members.find(({ accountId }) => accountId === id)?.role ?? null,
        isLocked: app.locked,
      })
      return { email, id, permissions: appRights.filter((right) => rights.has(right)) }
    })
    return {
      id: app.id,
      name: app.name,
      team_id: team.id,
      type: 'app' as const,
      users: users.filter(({ permissions }) => permissions.length > 0).sort((a, b) => (a.email < b.email ? -1 : 1)),
    }
  })
}
