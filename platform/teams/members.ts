import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { TeamRole } from '@mortise/contract/platform-api/teams'
import { isAdmin, mayWithTeam } from '../accounts/permit.js'
import { findPerson } from '../accounts/store.js'
import { type Tx, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { countAdmins, findMember, listMembers, putMember, removeMember } from './member-store.js'
import type { TeamDeps } from './routes.js'
import { lockTeam } from './store.js'
import { teamIn } from './subject.js'
import { memberRoles, type Team } from './team.js'
import { recordOfTeam } from './trail.js'
import { memberView } from './view.js'

/** Who is in a team. A team always keeps an admin: nobody else could let one in again. */
export function memberRoutes(deps: TeamDeps): Handler[] {
  const { db } = deps
  return [
    handle(routes.teams.members, async ({ subjects }) =>
      (await listMembers(db, teamIn(subjects).team.id)).map(memberView),
    ),
    handle(routes.teams.addMember, (context) => put(deps, context, 'new')),
    handle(routes.teams.updateMember, (context) => put(deps, context, 'known')),
    handle(routes.teams.putMember, (context) => put(deps, context, 'either')),
    handle(routes.teams.removeMember, async (context) => {
      const { team, role } = teamIn(context.subjects)
      const member = await findMember(db, team.id, context.params.member)
      if (!member) throw notFound('team_member')
      // Everybody may leave.
      if (member.accountId !== context.asker.account?.id && !mayWithTeam(context.asker, role, 'admin')) {
        throw new WireError('forbidden', `Only an admin of ${team.name} can remove others. Ask one of them.`)
      }
      await transact(db, async (tx) => {
        await lockTeam(tx, team.id)
        if (!(await removeMember(tx, member.id))) throw notFound('team_member')
        await deps.leaveApps(tx, team.accountId, member.accountId)
        await requireAdmin(tx, team)
        const { email, role: had } = member
        await recordOfTeam(tx, deps.world, {
          ...{ team, at: deps.world.now(), actor: context.actor, action: 'destroy', resource: 'team-member' },
          ...{ subject: member.accountId, data: { email, role: had } },
        })
      })
      return memberView(member)
    }),
  ]
}

type PutContext = Context<typeof routes.teams.putMember>

async function put({ db, world }: TeamDeps, { subjects, body, actor }: PutContext, which: 'new' | 'known' | 'either') {
  const { team } = teamIn(subjects)
  if (!memberRoles.some((role) => role === body.role)) {
    throw invalid('A collaborator is in single apps: use access:add on the app. A member has one of the other roles.')
  }
  const person = await findPerson(db, body.email)
  if (!person) throw notFound('account', `Nobody has the address ${body.email} here. Ask the operator to invite them.`)
  const role = body.role as TeamRole
  await transact(db, async (tx) => {
    await lockTeam(tx, team.id)
    const known = await findMember(tx, team.id, person.id)
    if (which === 'new' && known)
      throw invalid(`${person.email} is a member of ${team.name} already. Change the role with members:set.`)
    if (which === 'known' && !known) throw notFound('team_member')
    const at = world.now()
    await putMember(tx, { id: world.id(), teamId: team.id, accountId: person.id, role, at })
    if (!isAdmin(role)) await requireAdmin(tx, team)
    if (known?.role === role) return
    const fact = { team, at, actor, subject: person.id, data: { email: person.email, role } }
    await recordOfTeam(tx, world, {
      ...{ ...fact, action: known ? 'update' : 'create', resource: 'team-member' },
      ...(known ? { previous: { role: known.role } } : {}),
    })
  })
  const member = await findMember(db, team.id, person.id)
  if (!member) throw notFound('team_member')
  return memberView(member)
}

async function requireAdmin(tx: Tx, team: Team): Promise<void> {
  if ((await countAdmins(tx, team.id)) === 0) {
    throw invalid(`${team.name} would be left without an admin. Make somebody else an admin first, or delete the team.`)
  }
}
