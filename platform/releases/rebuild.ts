import { link, rename, rm, stat } from 'node:fs/promises'
import type { App } from '../apps/app.js'
import { beginBuild } from '../builds/begin-build.js'
import { type Build, outputContext, type Slug } from '../builds/build.js'
import { buildEnded } from '../builds/events.js'
import { type RunDeps, runBuild } from '../builds/run.js'
import { findSlug, insertSlug } from '../builds/slug-store.js'
import { slugFile, sourceFile } from '../builds/source.js'
import { cancelBuilds, claimBuild, configBuildOf, endBuild, findBuild } from '../builds/store.js'
import { transact } from '../db/db.js'
import { addFormation } from '../formation/store.js'
import type { Secrets } from '../secrets/seal.js'
import { newToken } from '../secrets/tokens.js'
import { environmentOf } from './environment.js'
import { dropIfAppIsGone } from './forget.js'
import type { Release } from './release.js'
import { setReleaseSlug } from './store.js'

export type Rebuilt =
  | { outcome: 'rebuilt'; slug: Slug }
  /** The release goes on with the slug it has; a message says why when that is not as it should be. */
  | { outcome: 'kept'; slug: Slug; message: string | null }
  /** The roll is not ours any more, or we are stopping. */
  | { outcome: 'lost' }

/** How often we look whether it is our build's turn. */
const turnLookMs = 200

/**
 * Builds a release's slug again from the source it was built from, with the release's config. A row of its own, so
 * that its output can be read, and so that a repeated roll finds what was done. Safe to repeat.
 */
export async function rebuildSlug(
  deps: RunDeps & { secrets: Secrets },
  app: App,
  release: Release,
  lost: AbortSignal,
): Promise<Rebuilt> {
  const { db, world, secrets } = deps
  const slug = release.slugId ? await findSlug(db, release.slugId) : undefined
  if (!slug) throw new Error(`release ${release.id} has no slug to rebuild`)
  // Rebuilds for releases that were overtaken would hold up every later build of the app.
  const at = world.now()
  const message = 'A newer release took its place.'
  await transact(db, async (tx) => {
    const overtaken = { appId: app.id, purpose: 'config', exceptReleaseId: release.id, message, at } as const
    for (const build of await cancelBuilds(tx, overtaken)) await buildEnded(tx, world, build, 'failed', at)
  })
  const before = await configBuildOf(db, release.id)
  if (before && before.status !== 'pending') return ended(before)
  if (!slug.sourceId || !(await stat(sourceFile(deps.dir, slug.sourceId)).catch(() => null))) {
    return { outcome: 'kept', slug, message: null }
  }
  const claimed = await claim(before?.id ?? (await newBuild(slug, slug.sourceId)))
  if (!claimed) return { outcome: 'lost' }
  if (claimed.status !== 'pending') return ended(claimed)

  const { config } = await environmentOf(db, secrets, release.id)
  const run = await runBuild(deps, claimed, config)
  if (run.outcome === 'lost' || lost.aborted) return tooLate(claimed)
  const built = run.outcome === 'built' ? run.slug : null
  const failure = run.outcome === 'failed' ? run.message : null
  if (built?.checksum === slug.checksum) await keepOnce(deps.dir, slug.id, built.id)
  const isOurs = await transact(db, async (tx) => {
    const now = world.now()
    if (built) await insertSlug(tx, built)
    const isEnded = await endBuild(tx, {
      id: claimed.id,
      epoch: claimed.epoch,
      status: built ? 'succeeded' : 'failed',
      slugId: built?.id ?? null,
      buildpack: built?.buildpack ?? null,
      message: failure,
      at: now,
    })
    if (!isEnded) throw new Overtaken()
    await buildEnded(tx, world, claimed, built ? 'succeeded' : 'failed', now)
    if (built) {
      await setReleaseSlug(tx, release.id, built.id, now)
      await addFormation(tx, {
        appId: app.id,
        ownerId: app.ownerId,
        processTypes: built.processTypes,
        newId: () => world.id(),
        at: now,
      })
    }
    return true
  }).catch((error) => {
    if (error instanceof Overtaken) return false
    throw error
  })
  if (!isOurs) return tooLate(claimed)
  return built ? { outcome: 'rebuilt', slug: built } : { outcome: 'kept', slug, message: failure }

  async function tooLate(build: Build): Promise<Rebuilt> {
    await dropIfAppIsGone(deps, build)
    return { outcome: 'lost' }
  }

  async function ended(build: Build): Promise<Rebuilt> {
    const made = build.slugId ? await findSlug(db, build.slugId) : undefined
    if (build.status === 'succeeded' && made) return { outcome: 'rebuilt', slug: made }
    return { outcome: 'kept', slug: slug as Slug, message: build.message ?? 'The build failed.' }
  }

  async function newBuild(from: Slug, sourceId: string): Promise<string> {
    const id = world.id()
    const first = from.buildId ? await findBuild(db, from.buildId) : undefined
    await transact(db, async (tx) => {
      await beginBuild(tx, world, {
        id,
        appId: app.id,
        accountId: release.accountId ?? app.ownerId,
        sourceId,
        sourceUrl: first?.sourceUrl ?? '',
        sourceChecksum: null,
        sourceVersion: from.commit,
        sourceDescription: first?.sourceDescription ?? null,
        purpose: 'config',
        stack: app.stack,
        buildpacks: first?.buildpacks ?? null,
        sealed: secrets.seal(newToken(), outputContext(id)),
        releaseId: release.id,
        at,
      })
    })
    return id
  }

  /** A deploy of the app that came earlier is built first. */
  async function claim(id: string): Promise<Build | undefined> {
    while (!lost.aborted && !deps.stopping?.aborted) {
      const claimed = await claimBuild(db, id)
      if (claimed) return claimed
      const found = await findBuild(db, id)
      if (found?.status !== 'pending') return found
      await world.sleep(turnLookMs, lost)
    }
    return undefined
  }
}

/** Most rebuilds change nothing, so equal slugs share their bytes on the disk. Where that can't be, they are kept twice. */
async function keepOnce(dir: string, id: string, sameId: string): Promise<void> {
  const draft = `${slugFile(dir, sameId)}.same`
  try {
    await rm(draft, { force: true })
    await link(slugFile(dir, id), draft)
    await rename(draft, slugFile(dir, sameId))
  } catch {
    await rm(draft, { force: true })
  }
}

class Overtaken extends Error {}
