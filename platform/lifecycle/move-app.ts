import { invalid, notFound } from '@mortise/contract/errors'
import { type AppRight, isAdmin } from '../accounts/permit.js'
import { requireRoom } from '../accounts/quotas.js'
import { listBilledTo, lockAddon, setAddonOwner } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { insertCollaborator, removeCollaborators } from '../apps/collaborator-store.js'
import { appChanged, recordOwner } from '../apps/events.js'
import { findApp, lockApp, setOwner } from '../apps/store.js'
import { declineTransfersOf } from '../apps/transfer-store.js'
import { splitCharge } from '../billing/store.js'
import type { Tx } from '../db/db.js'
import type { Actor } from '../saga/saga.js'
import { refusedServices } from '../teams/allowed-store.js'
import { roleIn } from '../teams/member-store.js'
import { teamOfAccount } from '../teams/store.js'
import type { LifecycleDeps } from './deps.js'

/** Whoever gave an app away still works on it, until the new owner says otherwise. */
const formerOwnerRights: readonly AppRight[] = ['view', 'deploy', 'operate']

/**
 * Gives an app with its add-ons to another owner, in one transaction: a person's account, or the one that stands for a
 * team. From this moment the new owner pays. Out of a team nobody comes along; otherwise the collaborators stay.
 * @throws WireError 422 when the team does not allow one of the app's services
 */
export async function moveApp(
  tx: Tx,
  { world }: Pick<LifecycleDeps, 'world'>,
  wanted: App,
  ownerId: string,
  actor: Actor,
): Promise<App> {
  const at = world.now()
  const app = await lockApp(tx, wanted.id)
  if (app?.state !== 'live') throw notFound('app')
  if (app.ownerId === ownerId) throw invalid(`${app.name} has this owner already: there is nothing to give.`)
  const addons = await listBilledTo(tx, app.id)
  const [refused] = await refusedServices(
    tx,
    ownerId,
    addons.map((addon) => addon.serviceId),
  )
  if (refused) {
    throw invalid(
      `The team ${refused.team} does not allow ${refused.service}, which ${app.name} has. Remove it first, or ask an admin of the team to allow it.`,
    )
  }
  await requireRoom(tx, { ownerId, name: 'apps', at })
  if (addons.length) await requireRoom(tx, { ownerId, name: 'add-ons', more: addons.length, at })
  await setOwner(tx, app.id, ownerId, at)
  // In the order of ids, as everywhere: two moves must not wait for each other.
  for (const { id } of addons.sort((one, other) => (one.id < other.id ? -1 : 1))) {
    const addon = await lockAddon(tx, id)
    if (!addon || addon.state === 'deprovisioned') continue
    await setAddonOwner(tx, id, ownerId, at)
    await splitCharge(tx, { id: world.id(), addonId: id, ownerId, priceId: addon.priceId, at })
  }
  await removeCollaborators(tx, app.id, app.teamId === null ? ownerId : null)
  if (app.teamId === null && !(await decidesFor(tx, ownerId, app.ownerId))) {
    const former = { id: world.id(), appId: app.id, accountId: app.ownerId, permissions: formerOwnerRights, at }
    await insertCollaborator(tx, former)
  }
  await declineTransfersOf(tx, app.id, at)
  const after = await findApp(tx, app.id)
  if (!after) throw notFound('app')
  const previous = { owner: { id: app.ownerId, email: app.ownerEmail } }
  await appChanged(tx, world, { app: after, actor, at, previous })
  const named = ({ teamName, ownerEmail }: App) => teamName ?? ownerEmail
  await recordOwner(tx, world, { app, actor, at, action: 'destroy', other: { to: named(after) } })
  await recordOwner(tx, world, { app: after, actor, at, action: 'create', other: { from: named(app) } })
  return after
}

/** Whether the account is an admin of the team that owns by `ownerId`: then it needs no rights of its own. */
async function decidesFor(tx: Tx, ownerId: string, accountId: string): Promise<boolean> {
  const team = await teamOfAccount(tx, ownerId)
  return team !== undefined && isAdmin(await roleIn(tx, team.id, accountId))
}
