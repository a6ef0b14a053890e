import type { TeamRole } from '@mortise/contract/platform-api/teams'
import type { Asker } from '../http/handle.js'

/** What can be done with an app. Source: the API's collaborator permissions. */
export const appRights = ['view', 'deploy', 'operate', 'manage'] as const
export type AppRight = (typeof appRights)[number]

/** What an account has to do with an app; the app's room looks it up. */
export interface Stake {
  isOwner: boolean
  /** Null when not a collaborator. */
  permissions: readonly string[] | null
  /** In the team that owns the app; null when it is nobody's team, or the account is no member. */
  role?: TeamRole | null
  /** Whether the team's members see it only if they are collaborators too. */
  isLocked?: boolean
}

const all: readonly AppRight[] = appRights

/**
 * What a role in a team gives on each of the team's apps, open or locked. A member gets more by joining an app, as a
 * collaborator; a viewer can not join. The view `app_viewers` in the database says the same of "view", for lists.
 */
const ofRole: Record<TeamRole, { open: readonly AppRight[]; locked: readonly AppRight[] }> = {
  owner: { open: all, locked: all },
  admin: { open: all, locked: all },
  member: { open: ['view'], locked: [] },
  viewer: { open: ['view'], locked: [] },
  // In one app of the team, and no member of it: there the permissions say what is allowed.
  collaborator: { open: [], locked: [] },
}

/** What a member who joins an open app of the team may do there. */
export const joinedRights: readonly AppRight[] = ['view', 'deploy', 'operate']

/** Everything that the stake allows. A collaborator always sees what they work on. */
export function rightsOf(stake: Stake): ReadonlySet<AppRight> {
  if (stake.isOwner) return new Set(all)
  const byRole = stake.role ? ofRole[stake.role][stake.isLocked ? 'locked' : 'open'] : []
  const byName = stake.permissions === null ? [] : all.filter((right) => stake.permissions?.includes(right))
  return new Set([...byRole, ...(stake.permissions === null ? [] : (['view'] as const)), ...byName])
}

/** The operator is not root on customers' routes: only with X-Heroku-Sudo, which is audited. */
export function may(asker: Asker, stake: Stake, right: AppRight): boolean {
  if (!asker.account) return false
  return rightsOf(stake).has(right) || isSudo(asker)
}

/** Whether the account decides whose the app is: giving it away takes more than managing it. */
export function mayGive(asker: Asker, stake: Stake): boolean {
  return asker.account !== null && (stake.isOwner || isAdmin(stake.role) || isSudo(asker))
}

/** What can be done with a team: see it, make apps in it, or change it. */
export type TeamRight = 'view' | 'create' | 'admin'

const ofMember: Record<TeamRole, readonly TeamRight[]> = {
  owner: ['view', 'create', 'admin'],
  admin: ['view', 'create', 'admin'],
  member: ['view', 'create'],
  viewer: ['view'],
  collaborator: [],
}

export function mayWithTeam(asker: Asker, role: TeamRole | null, right: TeamRight): boolean {
  if (!asker.account) return false
  return (role !== null && ofMember[role].includes(right)) || isSudo(asker)
}

export const isAdmin = (role: TeamRole | null | undefined): boolean => role === 'owner' || role === 'admin'

const isSudo = (asker: Asker): boolean => asker.sudo && asker.account?.isOperator === true
