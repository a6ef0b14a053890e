import type { Asker } from '../http/handle.js'

/** What can be done with an app. Source: the API's collaborator permissions. */
export const appRights = ['view', 'deploy', 'operate', 'manage'] as const
export type AppRight = (typeof appRights)[number]

/** What an account has to do with an app; the app's room looks it up. */
export interface Stake {
  isOwner: boolean
  /** Null when not a collaborator. */
  permissions: readonly string[] | null
}

/** Who has a right, one line each. A collaborator always sees what they work on. */
const holders: Record<AppRight, (stake: Stake) => boolean> = {
  view: (stake) => stake.isOwner || stake.permissions !== null,
  deploy: (stake) => stake.isOwner || has(stake, 'deploy'),
  operate: (stake) => stake.isOwner || has(stake, 'operate'),
  manage: (stake) => stake.isOwner || has(stake, 'manage'),
}

/** The operator is not root on customers' routes: only with X-Heroku-Sudo, which is audited. */
export function may(asker: Asker, stake: Stake, right: AppRight): boolean {
  if (!asker.account) return false
  return holders[right](stake) || (asker.sudo && asker.account.isOperator)
}

function has(stake: Stake, right: AppRight): boolean {
  return stake.permissions?.includes(right) ?? false
}
