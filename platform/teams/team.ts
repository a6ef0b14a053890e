import { invalid } from '@mortise/contract/errors'
import { teamRoles as allRoles, type TeamRole } from '@mortise/contract/platform-api/teams'
import { teamEmailDomain } from '../accounts/account.js'

/** Several people who own apps together. */
export interface Team {
  id: string
  name: string
  /** The account that stands for the team as an owner; nobody signs in to it. */
  accountId: string
  createdAt: Date
  updatedAt: Date
}

export interface TeamMember {
  id: string
  accountId: string
  email: string
  name: string | null
  role: TeamRole
  createdAt: Date
  updatedAt: Date
}

declare module '../http/handle.js' {
  interface Subjects {
    team?: Team
    /** The caller's own role in it; null with sudo. */
    teamRole?: TeamRole | null
  }
}

/** What a person can be in a team; a collaborator is in single apps only. */
export const memberRoles = allRoles.filter((role) => role !== 'collaborator')

const namePattern = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/
/** Words that stand at a team's place in the addresses of the API. */
const reserved = new Set(['apps', 'permissions', 'invitations', 'teams', 'personal', 'account', 'mortise', 'heroku'])

/** @throws WireError 422 that says what a name looks like */
export function checkTeamName(name: string): void {
  if (!namePattern.test(name)) {
    throw invalid(
      'A team name starts with a letter, ends with a letter or digit, and has only lowercase letters, digits and dashes. It has 3 to 40 characters.',
    )
  }
  if (reserved.has(name)) throw invalid(`The name "${name}" is reserved. Choose another one.`)
}

/** How clients see that a team owns an app. Source: heroku CLI 11.10, lib/team-utils. */
export function teamEmail(name: string): string {
  return `${name}@${teamEmailDomain}`
}
