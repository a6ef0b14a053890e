import type { Account as WireAccount } from '@mortise/contract/platform-api/accounts'
import { timestamp } from '@mortise/contract/platform-api/shared'

/** Somebody who signs in. */
export interface Account {
  id: string
  email: string
  name: string | null
  /** Null until a password is chosen: then only tokens lead in. */
  passwordHash: string | null
  isOperator: boolean
  /** Stands for a team, as the owner of its apps; nobody signs in to it. */
  isTeam: boolean
  lastLoginAt: Date | null
  /** Since then it is nobody's: what it made still points to it. */
  deletedAt: Date | null
  /** Since then the operator lets nobody in with it. */
  suspendedAt: Date | null
  suspendedReason: string | null
  createdAt: Date
  updatedAt: Date
}

const emailPattern = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/

/** Whether the text has the form of an e-mail address. That it works is proven by nothing but a mail. */
export function isEmail(text: string): boolean {
  return emailPattern.test(text)
}

/**
 * Clients tell a team's app by its owner's address, which is at this domain. Nobody else may have one there.
 * Source: heroku CLI 11.10, lib/team-utils.
 */
export const teamEmailDomain = 'herokumanager.com'

export function isTeamEmail(text: string): boolean {
  return text.toLowerCase().endsWith(`@${teamEmailDomain}`)
}

export const passwordCharsMin = 10
export const passwordCharsMax = 1024

/** What is wrong with a new password, in a sentence; null when nothing is. Length is what counts. */
export function passwordProblem(text: string): string | null {
  if (text.length < passwordCharsMin) return `A password has at least ${passwordCharsMin} characters.`
  if (text.length > passwordCharsMax) return `A password has at most ${passwordCharsMax} characters.`
  return new Set(text).size < 4 ? 'This password is too easy to guess. Use more than a few different characters.' : null
}

export function accountView(account: Account): WireAccount {
  return {
    allow_tracking: false,
    beta: false,
    country_of_residence: null,
    created_at: timestamp(account.createdAt),
    default_organization: null,
    default_team: null,
    delinquent_at: null,
    email: account.email,
    federated: false,
    id: account.id,
    identity_provider: null,
    last_login: account.lastLoginAt && timestamp(account.lastLoginAt),
    name: account.name,
    sms_number: null,
    suspended_at: account.suspendedAt && timestamp(account.suspendedAt),
    two_factor_authentication: false,
    updated_at: timestamp(account.updatedAt),
    verified: true,
  }
}
