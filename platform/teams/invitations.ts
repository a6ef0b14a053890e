import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { TeamInvitation as WireInvitation } from '@mortise/contract/platform-api/teams'
import { isEmail, isTeamEmail } from '../accounts/account.js'
import { accountOf } from '../accounts/routes.js'
import { transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later } from '../world/world.js'
import {
  acceptInvitation,
  findInvitation,
  insertInvitation,
  listInvitations,
  revokeInvitation,
  type TeamInvitation,
} from './invitation-store.js'
import { findMember, putMember } from './member-store.js'
import type { TeamDeps } from './routes.js'
import { lockTeam } from './store.js'
import { teamIn } from './subject.js'
import { memberRoles } from './team.js'
import { recordOfTeam } from './trail.js'
import { memberView } from './view.js'

export const invitationDays = 7
export const invitationPath = '/team-invitations'
/** Open ones of one team. */
const invitationsMax = 200

/**
 * Who is asked into a team. No mail is sent: the link is shown to the inviter, once. It is good for the account of the
 * invited address only, so that whoever else comes to see it can't join.
 */
export function invitationRoutes({ db, world }: Pick<TeamDeps, 'db' | 'world'>): Handler[] {
  return [
    handle(routes.teams.invitations, async ({ subjects }) =>
      (await listInvitations(db, teamIn(subjects).team.id, world.now())).map((one) => invitationView(one)),
    ),

    handle(routes.teams.invite, async ({ subjects, asker, actor, body, origin }) => {
      const { team } = teamIn(subjects)
      const email = body.email.trim()
      if (!isEmail(email) || isTeamEmail(email)) {
        throw invalid(`"${email.slice(0, 100)}" is no e-mail address that a person can have.`)
      }
      if (body.role === 'owner' || !memberRoles.some((role) => role === body.role)) {
        throw invalid('A person is invited as "admin", "member" or "viewer".')
      }
      const invitedBy = (await accountOf(db, asker)).id
      const secret = newToken()
      const at = world.now()
      const made = await transact(db, async (tx) => {
        if (!(await lockTeam(tx, team.id))) throw notFound('team')
        if (await findMember(tx, team.id, email)) {
          throw invalid(`${email} is a member of ${team.name} already. Change the role with members:set.`)
        }
        if ((await listInvitations(tx, team.id, at)).length >= invitationsMax) {
          throw invalid(`${team.name} has ${invitationsMax} open invitations. Revoke some that are not needed.`)
        }
        const expiresAt = later(at, invitationDays * 86_400_000)
        const row = { id: world.id(), teamId: team.id, email, role: body.role, invitedBy, at, expiresAt }
        const invitation = await insertInvitation(tx, { ...row, hash: tokenHash(secret) })
        const fact = { team, at, actor, subject: invitation.id, data: { email, role: body.role } }
        await recordOfTeam(tx, world, { ...fact, action: 'create', resource: 'team-invitation' })
        return invitation
      })
      return invitationView(made, secret, origin)
    }),

    handle(routes.teams.revokeInvitation, async ({ subjects, params, actor }) => {
      const { team } = teamIn(subjects)
      const at = world.now()
      const revoked = await transact(db, async (tx) => {
        const ended = await revokeInvitation(tx, team.id, params.invitation, at)
        if (!ended) return ended
        const fact = { team, at, actor, subject: ended.id, data: { email: ended.email, role: ended.role } }
        await recordOfTeam(tx, world, { ...fact, action: 'destroy', resource: 'team-invitation' })
        return ended
      })
      if (!revoked) throw notFound('team_invitation')
      return invitationView(revoked)
    }),

    handle(routes.teams.invitation, async ({ params }) => invitationView(await open(params.token))),

    handle(routes.teams.acceptInvitation, async ({ params, asker }) => {
      const account = await accountOf(db, asker)
      const invitation = await open(params.token)
      return memberView(await joinTeam({ db, world }, invitation, account))
    }),
  ]

  async function open(token: string): Promise<TeamInvitation> {
    const found = await findInvitation(db, tokenHash(token), world.now())
    if (!found) throw notFound('team_invitation', 'It was accepted or revoked, or is too old. Ask for a new one.')
    return found
  }
}

/** @throws WireError 403 for another account than the invited one; 409 when it was settled in the same moment */
export async function joinTeam(
  { db, world }: Pick<TeamDeps, 'db' | 'world'>,
  invitation: TeamInvitation,
  account: { id: string; email: string },
) {
  if (account.email.toLowerCase() !== invitation.email.toLowerCase()) {
    throw new WireError(
      'forbidden',
      `This invitation is for ${invitation.email}, and you are ${account.email}. Sign in as who is invited, or ask for one of your own.`,
    )
  }
  const { team, role } = invitation
  return transact(db, async (tx) => {
    const at = world.now()
    const locked = await lockTeam(tx, team.id)
    if (!locked) throw notFound('team')
    if (!(await acceptInvitation(tx, invitation.id, at))) {
      throw new WireError(
        'conflict',
        'This invitation was settled in the same moment. See whether you are in the team.',
      )
    }
    // Whoever was let in by hand meanwhile keeps that role.
    if (!(await findMember(tx, team.id, account.id))) {
      await putMember(tx, { id: world.id(), teamId: team.id, accountId: account.id, role, at })
      await recordOfTeam(tx, world, {
        ...{ team: locked, at, actor: { id: account.id, email: account.email }, action: 'create' },
        ...{ resource: 'team-member', subject: account.id },
        data: { email: account.email, role, invited_by: invitation.invitedBy.email },
      })
    }
    const member = await findMember(tx, team.id, account.id)
    if (!member) throw notFound('team_member')
    return member
  })
}

/** The id that stands for whoever has no account yet. */
const noAccount = '00000000-0000-0000-0000-000000000000'

/** @param secret only in the answer that makes it */
function invitationView(invitation: TeamInvitation, secret: string | null = null, origin = ''): WireInvitation {
  const { account, email, invitedBy } = invitation
  return {
    created_at: timestamp(invitation.createdAt),
    expires_at: timestamp(invitation.expiresAt),
    id: invitation.id,
    invited_by: { email: invitedBy.email, id: invitedBy.id, name: invitedBy.name },
    role: invitation.role,
    team: invitation.team,
    token: secret,
    updated_at: timestamp(invitation.updatedAt),
    url: secret && `${origin}${invitationPath}/${secret}`,
    user: { email, id: account?.id ?? noAccount, name: account?.name ?? null },
  }
}
