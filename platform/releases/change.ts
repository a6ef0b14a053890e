import { invalid } from '@mortise/contract/errors'
import { appConfigBytesMax, configValueProblem } from '@mortise/contract/manifest/config-limits'
import { valuesOf } from '../addons/credential-store.js'
import type { App } from '../apps/app.js'
import { freeCustomerNames, listConfigNames, takeConfigNames } from '../attachments/store.js'
import type { Tx } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Actor } from '../saga/saga.js'
import type { Secrets } from '../secrets/seal.js'
import { later, type World } from '../world/world.js'
import { snapshotContext, varsOf } from './environment.js'
import { cut, describeVars, type Pin, type Release, varNameProblem } from './release.js'
import * as store from './store.js'

export interface ChangeDeps {
  world: World
  secrets: Secrets
}

/** Several changes, one release. Attachments and credentials are changed before, in the same transaction. */
export interface ChangeSet {
  /** Locked by the caller. */
  app: App
  actor: Actor
  /** Null when the actor is a provider. */
  accountId: string | null
  /** The customer's own vars to set, or (null) to remove. */
  vars?: Record<string, string | null>
  /** Takes the vars of this snapshot instead, but for names that attachments own today. */
  varsOfSnapshot?: string
  /** Own vars that an attachment takes over, as the customer confirmed. */
  dropVars?: readonly string[]
  /** Otherwise the slug of the current release. */
  slugId?: string
  /** Attachments or credentials differ from the last release. */
  attachmentsChanged?: boolean
  /** Composed from the vars when it is left out. */
  description?: string
  /** At most one release per operation and app, however often the step runs. */
  operationId?: string
  /** Whether the slug is rebuilt before the roll: yes for a customer's change of config. */
  rebuild: boolean
  /** Not sooner than this; a provider's changes are held to one roll a minute. */
  notBefore?: Date
}

/** Changes that come close together go out as one roll. */
export const coalesceMs = 250

/**
 * The one way in: whatever changes an app's config or slug makes a release here. A change that changes
 * nothing makes none. Safe to repeat with an operation's id.
 * @throws WireError 422 when a name or value can't be, or belongs to an attachment
 */
export async function applyChange(tx: Tx, deps: ChangeDeps, change: ChangeSet): Promise<Release | null> {
  const { app } = change
  const at = deps.world.now()
  if (change.operationId) {
    const before = await store.releaseOfOperation(tx, change.operationId, app.id)
    if (before) return before
  }
  const current = await store.currentRelease(tx, app.id)
  const { now, vars, changedVars, left } = await nextVars(tx, deps, change)
  const first = current === undefined
  const slugId = change.slugId ?? current?.slugId ?? null
  const slugChanged = change.slugId !== undefined && change.slugId !== current?.slugId
  if (
    !first &&
    !changedVars &&
    !slugChanged &&
    !change.attachmentsChanged &&
    change.varsOfSnapshot === undefined &&
    change.slugId === undefined
  ) {
    return null
  }

  const live = await store.livePins(tx, app.id)
  // A story was let in before and a deploy changes no config: only a customer who asks for more can be refused here.
  const asksForMore = change.accountId !== null && change.operationId === undefined
  if (asksForMore && (changedVars || change.attachmentsChanged)) {
    requireRoom(deps, { vars: now, pins: current ? await store.pinsOf(tx, current.id) : [] }, { vars, pins: live })
  }
  const snapshotId =
    changedVars || app.snapshotId === null ? await keepVars(tx, deps, app.id, vars, at) : app.snapshotId
  const pins: Pin[] = live.map(({ attachmentId, credentialId, names }) => ({ attachmentId, credentialId, names }))
  // Without a slug nothing runs, so nothing has to be rolled out: config waits for the first deploy.
  const waits = slugId !== null && app.kind === 'hosted'
  const kept = left.length ? ` (${left.join(', ')} stays with its add-on)` : ''
  const release = await store.insertRelease(
    tx,
    {
      id: deps.world.id(),
      appId: app.id,
      description: cut((change.description ?? describeVars(change.vars ?? {})) + kept),
      accountId: change.accountId,
      actorEmail: change.actor.email,
      slugId,
      snapshotId,
      status: waits ? 'pending' : 'succeeded',
      operationId: change.operationId ?? null,
      addonPlanNames: [...new Set(live.map((pin) => pin.planName))].sort(),
      at,
    },
    pins,
  )
  await appendEvent(tx, {
    id: deps.world.id(),
    at,
    actor: change.actor,
    action: 'create',
    resource: 'release',
    subject: release.id,
    appId: app.id,
    operationId: change.operationId ?? null,
    data: { version: release.version, description: release.description, status: release.status },
  })
  if (waits) {
    const notBefore = change.notBefore ?? later(at, coalesceMs)
    const rebuild = change.rebuild && app.afterConfig === 'rebuild'
    await store.requestRoll(tx, { appId: app.id, releaseId: release.id, rebuild, notBefore, at })
  }
  return release
}

interface NextVars {
  now: Record<string, string>
  vars: Record<string, string>
  changedVars: boolean
  /** Names of an old release's vars that an attachment owns today. */
  left: string[]
}

async function nextVars(tx: Tx, deps: ChangeDeps, change: ChangeSet): Promise<NextVars> {
  const { app } = change
  const now = await varsOf(tx, deps.secrets, app.snapshotId)
  if (change.varsOfSnapshot !== undefined) {
    const then = await varsOf(tx, deps.secrets, change.varsOfSnapshot)
    await freeCustomerNames(tx, app.id, Object.keys(now))
    const taken = new Set((await takeConfigNames(tx, app.id, Object.keys(then), null)).map(({ name }) => name))
    const vars = Object.fromEntries(Object.entries(then).filter(([name]) => !taken.has(name)))
    return { now, vars, changedVars: !same(now, vars), left: [...taken].sort() }
  }
  await checkNames(tx, app.id, change.vars ?? {}, now)
  // A map, since `constructor` and `__proto__` are names that a customer may choose.
  const next = new Map(Object.entries(now))
  for (const [name, value] of Object.entries(change.vars ?? {})) {
    if (value === null) next.delete(name)
    else next.set(name, value)
  }
  for (const name of change.dropVars ?? []) next.delete(name)
  const removed = Object.keys(now).filter((name) => !next.has(name))
  if (removed.length) await freeCustomerNames(tx, app.id, removed)
  const added = [...next.keys()].filter((name) => !Object.hasOwn(now, name))
  await takeConfigNames(tx, app.id, added, null)
  const vars = Object.fromEntries(next)
  return { now, vars, changedVars: !same(now, vars), left: [] }
}

async function checkNames(
  tx: Tx,
  appId: string,
  changes: Record<string, string | null>,
  now: Record<string, string>,
): Promise<void> {
  const names = Object.keys(changes)
  if (names.length === 0) return
  const owned = new Set(
    (await listConfigNames(tx, appId)).filter((one) => one.attachmentId !== null).map(({ name }) => name),
  )
  const attached = names.filter((name) => owned.has(name))
  if (attached.length) {
    throw invalid(`Cannot overwrite attachment values ${attached.join(', ')}.`)
  }
  for (const [name, value] of Object.entries(changes)) {
    // What is there under a name that could not be set today may still be removed.
    const problem =
      value === null
        ? Object.hasOwn(now, name)
          ? null
          : varNameProblem(name)
        : (varNameProblem(name) ?? configValueProblem(name, value))
    if (problem) throw invalid(problem)
  }
}

interface Config {
  vars: Record<string, string>
  pins: readonly store.PinnedCredential[]
}

/** @throws WireError 422 when the app's config becomes larger and too large; making it smaller is always fine. */
function requireRoom(deps: ChangeDeps, before: Config, after: Config): void {
  const total = bytesOf(deps, after)
  if (total <= appConfigBytesMax || total <= bytesOf(deps, before)) return
  throw invalid(
    `An app's config vars may hold ${appConfigBytesMax / 1024} KiB in all; these would hold ${Math.ceil(total / 1024)} KiB. Remove some, or make them shorter.`,
  )
}

function bytesOf(deps: ChangeDeps, { vars, pins }: Config): number {
  const ofPins = pins.map((pin) =>
    valuesOf(deps.secrets, { ...pin, id: pin.credentialId, name: pin.credentialName, names: [], state: 'active' }),
  )
  return [vars, ...ofPins]
    .flatMap((values) => Object.entries(values ?? {}))
    .reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0)
}

async function keepVars(
  tx: Tx,
  deps: ChangeDeps,
  appId: string,
  vars: Record<string, string>,
  at: Date,
): Promise<string> {
  const id = deps.world.id()
  const sealed = deps.secrets.seal(JSON.stringify(vars), snapshotContext(id))
  await store.insertSnapshot(tx, { id, appId, names: Object.keys(vars).sort(), sealed, at })
  return id
}

function same(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
}
