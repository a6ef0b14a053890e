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
  lastLoginAt: Date | null
  createdAt: Date
  updatedAt: Date
}

const emailPattern = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/

/** Whether the text has the form of an e-mail address. That it works is proven by nothing but a mail. */
export function isEmail(text: string): boolean {
  return emailPattern.test(text)
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
    suspended_at: null,
    two_factor_authentication: false,
    updated_at: timestamp(account.updatedAt),
    verified: true,
  }
}
