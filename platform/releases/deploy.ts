import type { LogSink } from '@mortise/runtime/logs/logs'
import { lockApp } from '../apps/store.js'
import { actorOf, type Build, deployDescription, type Slug } from '../builds/build.js'
import { buildEnded } from '../builds/events.js'
import { type RunDeps, runBuild } from '../builds/run.js'
import { insertSlug } from '../builds/slug-store.js'
import { claimBuild, endBuild, setBuildRelease } from '../builds/store.js'
import { ring } from '../db/bell.js'
import { type Tx, transact } from '../db/db.js'
import { addFormation } from '../formation/store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import type { Secrets } from '../secrets/seal.js'
import { applyChange } from './change.js'
import { environmentOf } from './environment.js'
import { dropIfAppIsGone } from './forget.js'
import { latestRelease } from './store.js'

export interface DeployDeps extends RunDeps {
  secrets: Secrets
  logs: LogSink
}

/** The build was cancelled or taken over between its end and its writing down. */
class Overtaken extends Error {}

/** Builds what was handed in, oldest first, and releases what was built. A failed build changes nothing else. */
export function buildReconciler(deps: DeployDeps): Reconciler {
  return {
    name: 'build',
    bell: 'build',
    everyMs: 1_000,
    sideBySide: 2,
    async pass() {
      if (deps.stopping?.aborted) return false
      const build = await claimBuild(deps.db, null)
      if (!build) return false
      await deploy(deps, build)
      return true
    },
  }
}

async function deploy(deps: DeployDeps, build: Build): Promise<void> {
  const { db, secrets } = deps
  const say = (text: string) => deps.logs.write(build.appId, { source: 'app', dyno: 'api', text })
  say(`Build started by ${build.accountEmail}`)
  // Every change makes a release, so the newest one's environment is what the app sees from now on.
  const newest = await latestRelease(db, build.appId)
  const { config } = newest ? await environmentOf(db, secrets, newest.id) : { config: {} }
  const run = await runBuild(deps, build, config)
  if (run.outcome === 'lost') return
  try {
    if (run.outcome === 'built') {
      if (!(await release(deps, build, run.slug))) return await dropIfAppIsGone(deps, build)
      say('Build succeeded')
    } else {
      await fail(deps, build, run.message)
      say(`Build failed: ${run.message}`)
    }
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error
    await dropIfAppIsGone(deps, build)
  }
}

/**
 * Slug, formation and release appear together, and the build ends with them: a crash repeats all or nothing.
 * @returns false when the app is gone, and the build failed with it
 */
async function release(deps: DeployDeps, build: Build, slug: Slug): Promise<boolean> {
  const { db, world, secrets } = deps
  return transact(db, async (tx) => {
    const app = await lockApp(tx, build.appId)
    const at = world.now()
    if (app?.state !== 'live') {
      await end(deps, tx, build, { status: 'failed', slug: null, message: 'The app is being removed.' }, at)
      return false
    }
    await insertSlug(tx, slug)
    await end(deps, tx, build, { status: 'succeeded', slug, message: null }, at)
    await addFormation(tx, {
      appId: app.id,
      ownerId: app.ownerId,
      processTypes: slug.processTypes,
      newId: () => world.id(),
      at,
    })
    const made = await applyChange(
      tx,
      { world, secrets },
      {
        app,
        actor: actorOf(build),
        accountId: build.accountId,
        slugId: slug.id,
        description: deployDescription(build),
        rebuild: false,
      },
    )
    if (made) await setBuildRelease(tx, build.id, made.id)
    return true
  })
}

async function fail(deps: DeployDeps, build: Build, message: string): Promise<void> {
  const { db, world } = deps
  await transact(db, (tx) => end(deps, tx, build, { status: 'failed', slug: null, message }, world.now()))
}

async function end(
  deps: DeployDeps,
  tx: Tx,
  build: Build,
  outcome: { status: 'succeeded' | 'failed'; slug: Slug | null; message: string | null },
  at: Date,
): Promise<void> {
  const { status, slug, message } = outcome
  const isOurs = await endBuild(tx, {
    id: build.id,
    epoch: build.epoch,
    status,
    slugId: slug?.id ?? null,
    buildpack: slug?.buildpack ?? null,
    message,
    at,
  })
  if (!isOurs) throw new Overtaken()
  await buildEnded(tx, deps.world, build, status, at)
  // The app's next build has its turn now.
  await ring(tx, 'build')
}
