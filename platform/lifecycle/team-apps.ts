import { invalid, notFound, WireError } from '@mortise/contract/errors'
import type { TeamApp } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import { isAdmin, mayGive } from '../accounts/permit.js'
import { accountOf, isSelf } from '../accounts/routes.js'
import { findPerson } from '../accounts/store.js'
import type { App } from '../apps/app.js'
import { appChanged } from '../apps/events.js'
import { regionNamed, stackNamed } from '../apps/place.js'
import { findApp, findAppStake, lockApp, setLocked } from '../apps/store.js'
import { appIn } from '../apps/subject.js'
import { teamAppViews } from '../apps/team-apps.js'
import type { AppAddresses } from '../apps/view.js'
import { type Tx, transact } from '../db/db.js'
import { type Asker, type Context, type Handler, handle } from '../http/handle.js'
import type { Actor } from '../saga/saga.js'
import { guardTeam } from '../teams/guard.js'
import { findTeam } from '../teams/store.js'
import { createApp, type NewApp } from './app-lifecycle.js'
import type { LifecycleDeps } from './deps.js'
import { moveApp } from './move-app.js'

type Deps = LifecycleDeps & { addresses: AppAddresses }

/** Apps of teams: make one, lock one, and give one to another owner. */
export function teamAppDoors(deps: Deps): Handler[] {
  const one = async (app: App, asker: Asker) => (await teamAppViews(deps, [app], asker))[0] as TeamApp
  return [
    handle(routes.teamApps.create, async (context) => {
      const { body, actor } = context
      if (body.space) throw invalid('There are no private spaces here. Leave "space" out.')
      if (!body.team && !body.personal)
        throw invalid('Name the "team" that shall own the app, or pass "personal": true.')
      const owner = await teamAsOwner(deps, context.asker, body.team)
      const app = await createApp(deps, {
        name: body.name ?? null,
        actor,
        owner: owner && { ...owner, locked: body.locked === true },
        kind: body.kind ?? 'hosted',
        region: regionNamed(body.region ? identityOf(body.region) : null),
        stack: stackNamed(body.stack ? identityOf(body.stack) : null),
      })
      return one(app, context.asker)
    }),
    handle(routes.teamApps.update, async (context) => {
      const { body, actor } = context
      const app = appIn(context.subjects)
      if (body.locked === undefined && body.owner === undefined) throw invalid('Say what changes: "locked" or "owner".')
      const after = await transact(deps.db, async (tx) => {
        if (body.locked !== undefined) await lock(tx, deps, app, actor, body.locked)
        if (body.owner !== undefined) {
          return moveApp(tx, deps, app, await newOwner(tx, context, app, body.owner), actor)
        }
        return findApp(tx, app.id)
      })
      if (!after) throw notFound('app')
      return one(after, context.asker)
    }),
  ]
}

/** A team in which the caller may make apps, as the owner of a new one. @throws WireError 403 or 404 when they may not */
export async function teamAsOwner(
  deps: Pick<LifecycleDeps, 'db'>,
  asker: Asker,
  team: Parameters<typeof identityOf>[0] | null | undefined,
): Promise<NewApp['owner']> {
  if (!team) return undefined
  const { team: found, role } = await guardTeam(deps.db, asker, identityOf(team), 'create')
  return { id: found.accountId, creatorWorksOnIt: !isAdmin(role), locked: false }
}

/** A change that changes nothing is on no record. */
async function lock(tx: Tx, { world }: Deps, app: App, actor: Actor, isLocked: boolean): Promise<void> {
  if (app.teamId === null) throw invalid(`${app.name} belongs to no team, so only its collaborators see it anyway.`)
  const before = await lockApp(tx, app.id)
  if (!before || before.locked === isLocked) return
  const at = world.now()
  await setLocked(tx, app.id, isLocked, at)
  const told = { data: { locked: isLocked }, previous: { locked: before.locked } }
  await appChanged(tx, world, { app: before, actor, at, ...told })
}

/**
 * Into a team by whoever may make apps in it; out of a team to a person who is in it. Between two people the other one
 * is asked first, by a transfer.
 */
async function newOwner(tx: Tx, { asker }: Context, app: App, identity: string): Promise<string> {
  await requireGiver(tx, asker, app)
  const team = identity === '~' || identity.includes('@') ? undefined : await findTeam(tx, identity)
  if (team) return (await guardTeam(tx, asker, team.id, 'create')).team.accountId
  const self = await accountOf(tx, asker)
  const person = isSelf(self, identity) ? self : await findPerson(tx, identity)
  if (!person) throw notFound('account', `Nobody has the name or address ${identity} here.`)
  if (app.teamId === null) {
    throw invalid(
      `${person.email} is asked first when an app goes from one person to another: POST /account/app-transfers.`,
    )
  }
  return person.id
}

/** @throws WireError 403 for those who may manage the app but do not decide whose it is */
export async function requireGiver(tx: Tx, asker: Asker, app: App): Promise<void> {
  const stake = await findAppStake(tx, app.id, asker.account?.id ?? '')
  if (mayGive(asker, stake)) return
  const owner = app.teamName ? `an admin of the team ${app.teamName}` : app.ownerEmail
  throw new WireError('forbidden', `Only ${owner} can give ${app.name} away.`, { app: { id: app.id, name: app.name } })
}
