import { createHash } from 'node:crypto'
import type { Feature } from '@mortise/contract/platform-api/accounts'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type {
  TeamRole,
  AllowedService as WireAllowed,
  TeamMember as WireMember,
  Team as WireTeam,
} from '@mortise/contract/platform-api/teams'
import type { AllowedService } from './allowed-store.js'
import type { Team, TeamMember } from './team.js'

/** @param role the caller's own */
export function teamView(team: Team, role: TeamRole | null): WireTeam {
  return {
    created_at: timestamp(team.createdAt),
    credit_card_collections: false,
    default: false,
    enterprise_account: null,
    id: team.id,
    identity_provider: null,
    membership_limit: null,
    name: team.name,
    provisioned_licenses: false,
    role,
    type: 'team',
    updated_at: timestamp(team.updatedAt),
  }
}

export function memberView(member: TeamMember): WireMember {
  return {
    created_at: timestamp(member.createdAt),
    email: member.email,
    federated: false,
    id: member.id,
    identity_provider: null,
    role: member.role,
    two_factor_authentication: false,
    updated_at: timestamp(member.updatedAt),
    user: { email: member.email, id: member.accountId, name: member.name },
  }
}

export function allowedView({ id, service, addedBy, addedAt }: AllowedService): WireAllowed {
  return { added_at: timestamp(addedAt), added_by: addedBy, addon_service: service, id }
}

/**
 * What every team has. Clients ask for the first by name before they offer permissions for single apps.
 * Source: heroku CLI 11.10, access:add.
 */
export function teamFeatures(team: Team): Feature[] {
  const feature = (name: string, displayName: string, description: string): Feature => ({
    created_at: timestamp(team.createdAt),
    description,
    display_name: displayName,
    doc_url: '',
    enabled: true,
    feedback_email: '',
    id: derivedId(name),
    name,
    state: 'general',
    updated_at: timestamp(team.createdAt),
  })
  return [
    feature('org-access-controls', 'Access controls', 'Give each collaborator of an app permissions of their own.'),
    feature('addon-controls', 'Add-on controls', "Allow only some add-on services on the team's apps."),
  ]
}

/** A stable uuid for what has no row (version 8: of our own making). Source: RFC 9562. */
function derivedId(name: string): string {
  const hex = createHash('sha256').update(`team feature:${name}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
