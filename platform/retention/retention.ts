import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Driver } from '@mortise/runtime/driver'
import { lockApp } from '../apps/store.js'
import { slugFile } from '../builds/source.js'
import { type Db, transact } from '../db/db.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { later, type World } from '../world/world.js'
import * as store from './store.js'

/** How many days what has ended is kept. What is open, live, owed or in reach is kept however old it is. */
export const keptDays = {
  /** Facts, which are the audit trail too. */
  events: 365,
  /** Stories of operations that came to an end, line by line. */
  operations: 90,
  /** Builds with their output whose slug is gone, and builds that failed. */
  builds: 90,
  /** Slugs that no release in reach needs. */
  slugs: 90,
  /** Sessions and authorizations that were revoked or ran out, and links that were used or ran out. */
  tokens: 30,
  /** Answers to POSTs with an Idempotency-Key; a day is what is promised. */
  'idempotency-keys': 1,
  /** What providers asked of us, and the bodies of what they were asked, for them to look up. */
  'provider-calls': 7,
  /** Webhook deliveries that ended. */
  deliveries: 7,
} as const

export const keptNames = Object.keys(keptDays) as KeptName[]
export type KeptName = keyof typeof keptDays
export type Kept = Readonly<Record<KeptName, number>>

/** An app can always be rolled back this many releases, whatever their age. */
export const releasesInReach = 50
/** The newest builds of an app, whatever their age. */
export const buildsKept = 20
/** Rows that one transaction takes away: short enough that nobody waits for it. */
export const batchMax = 500

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export interface RetentionDeps {
  db: Db
  world: World
  /** Days for each; the standard's where left out. */
  kept?: Partial<Kept>
}

/** Forgets what has ended for long enough: a bounded batch a pass, again at once while there is more. */
export function retentionReconciler(deps: RetentionDeps): Reconciler {
  return { name: 'retention', everyMs: hourMs, pass: () => forgetEnded(deps) }
}

/** @returns whether there may be more */
export async function forgetEnded({ db, world, kept }: RetentionDeps): Promise<boolean> {
  const before = (name: KeptName) => later(world.now(), -(kept?.[name] ?? keptDays[name]) * dayMs)
  let isMore = false
  // Each in a transaction of its own, and what is pointed at after what points to it.
  for (const [drop, name] of [
    [store.dropEvents, 'events'],
    [store.dropOperations, 'operations'],
    [store.dropBuilds, 'builds'],
    [store.dropLinks, 'tokens'],
    [store.dropTokens, 'tokens'],
    [store.dropIdempotencyKeys, 'idempotency-keys'],
    [store.dropProviderCalls, 'provider-calls'],
    [store.dropBodies, 'provider-calls'],
  ] as const) {
    const dropped = await transact(db, (tx) => drop(tx, before(name), batchMax, buildsKept))
    if (dropped >= batchMax) isMore = true
  }
  return isMore
}

export interface SlugRetentionDeps extends RetentionDeps {
  driver: Pick<Driver, 'list'>
  /** Slugs are kept below. */
  dir: string
}

/** The same for slugs, whose files are on the machine that runs apps. */
export function slugRetentionReconciler(deps: SlugRetentionDeps): Reconciler {
  return { name: 'slug retention', everyMs: hourMs, pass: () => forgetSlugs(deps) }
}

/**
 * Takes away slugs that no release in reach needs, of one app at a time, under its lock: nobody can roll back to one of
 * them meanwhile. Releases that had them stay in the list, as expired.
 * @returns whether there may be more
 */
export async function forgetSlugs({ db, world, kept, driver, dir }: SlugRetentionDeps): Promise<boolean> {
  const at = world.now()
  const before = later(at, -(kept?.slugs ?? keptDays.slugs) * dayMs)
  const reach = { before, releases: releasesInReach }
  const appId = await store.appWithOldSlugs(db, reach)
  if (appId === null) {
    await sweepFiles(db, path.join(dir, 'slugs'), later(at, -dayMs))
    return false
  }
  const running = driver.list(appId).map(({ version }) => version)
  const dropped = await transact(db, async (tx) => {
    await lockApp(tx, appId)
    return store.dropSlugs(tx, appId, { ...reach, running, most: batchMax, at })
  })
  for (const id of dropped) await rm(slugFile(dir, id), { force: true })
  // Some are kept because they run, and would be found again at once.
  return dropped.length > 0
}

/** Files whose row went, when we were stopped before the file could. One that is being written is younger. */
async function sweepFiles(db: Db, folder: string, before: Date): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  const ids = names.flatMap((name) => /^([0-9a-f-]{36})\.tgz$/.exec(name)?.[1] ?? [])
  const known = await store.knownSlugs(db, ids)
  for (const id of ids.filter((one) => !known.has(one))) {
    const file = path.join(folder, `${id}.tgz`)
    const found = await stat(file).catch(() => null)
    if (found && found.mtime < before) await rm(file, { force: true })
  }
}
