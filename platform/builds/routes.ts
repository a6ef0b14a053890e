import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Builder } from '@mortise/runtime/build/build'
import { requireRoom } from '../accounts/quotas.js'
import type { App } from '../apps/app.js'
import { appChanged } from '../apps/events.js'
import { lockApp } from '../apps/store.js'
import { ring } from '../db/bell.js'
import { type Db, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { Secrets } from '../secrets/seal.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { beginBuild } from './begin-build.js'
import { outputContext } from './build.js'
import { buildpackOf, installations } from './buildpack.js'
import { checkChecksum, chooseSource } from './choose-source.js'
import { buildEnded } from './events.js'
import { slugRoutes } from './slug-routes.js'
import { sourceUrl } from './source.js'
import { insertSource } from './source-store.js'
import * as store from './store.js'
import { buildView } from './view.js'

export interface BuildRouteDeps {
  db: Db
  world: World
  secrets: Secrets
  builder: Pick<Builder, 'forget'>
}

/** How long somebody waits to hear that the cache is gone. */
const cacheWaitMs = 10_000

export function buildRoutes(deps: BuildRouteDeps): Handler[] {
  const { db, world, secrets, builder } = deps

  async function newSource(context: Context): Promise<{ source_blob: { get_url: string; put_url: string } }> {
    const id = world.id()
    const token = newToken()
    await insertSource(db, { id, accountId: accountOf(context), hash: tokenHash(token), at: world.now() })
    const url = sourceUrl(context.origin, id, token)
    return { source_blob: { get_url: url, put_url: url } }
  }

  return [
    handle(routes.sources.create, newSource),
    handle(routes.sources.createForApp, newSource),

    handle(routes.builds.list, async (context) => {
      const builds = await store.listBuilds(db, appOf(context).id)
      return builds.map((build) => buildView(build, secrets, context.origin))
    }),

    handle(routes.builds.info, async (context) => {
      const { build: id } = context.params
      const build = isUuid(id) ? await store.findBuild(db, id) : undefined
      if (build?.appId !== appOf(context).id) throw notFound('build')
      return buildView(build, secrets, context.origin)
    }),

    handle(routes.builds.create, async (context) => {
      const app = appOf(context)
      if (app.kind !== 'hosted')
        throw invalid(`${app.name} runs elsewhere, so it is not built here. Build it where it runs.`)
      const { source_blob: blob } = context.body
      const buildpacks = context.body.buildpacks?.map((one) => buildpackOf(one.url ?? one.name ?? '')) ?? null
      checkChecksum(blob.checksum)
      const source = await chooseSource(deps, blob.url, context.origin)
      const id = world.id()
      const at = world.now()
      const accountId = accountOf(context)
      const build = await transact(db, async (tx) => {
        const locked = await lockApp(tx, app.id)
        if (locked?.state !== 'live') throw notFound('app')
        await requireRoom(tx, { ownerId: locked.ownerId, name: 'builds', at })
        if (source.isNew) await insertSource(tx, { id: source.id, accountId, hash: tokenHash(newToken()), at })
        return beginBuild(tx, world, {
          id,
          appId: app.id,
          accountId,
          sourceId: source.id,
          sourceUrl: source.url,
          sourceChecksum: blob.checksum ?? null,
          sourceVersion: blob.version ?? null,
          sourceDescription: blob.version_description ?? null,
          purpose: 'deploy',
          stack: app.stack,
          // An empty list asks for nothing.
          buildpacks: buildpacks?.length ? buildpacks : null,
          sealed: secrets.seal(newToken(), outputContext(id)),
          releaseId: null,
          at,
        })
      })
      return buildView(build, secrets, context.origin)
    }),

    handle(routes.builds.cancel, async (context) => {
      const { build: id } = context.params
      const found = isUuid(id) ? await store.findBuild(db, id) : undefined
      if (found?.appId !== appOf(context).id) throw notFound('build')
      const cancelled = await transact(db, async (tx) => {
        const at = world.now()
        const build = await store.cancelBuild(tx, found.id, `Cancelled by ${context.actor.email}.`, at)
        if (!build) throw invalid(`This build is over already: it ${found.status}.`)
        await buildEnded(tx, world, build, 'failed', at)
        // The app's next build has its turn now.
        await ring(tx, 'build')
        return build
      })
      return buildView(cancelled, secrets, context.origin)
    }),

    handle(routes.builds.dropCache, async (context) => {
      const dropping = builder.forget(appOf(context).id)
      const isDone = await Promise.race([dropping.then(() => true), world.sleep(cacheWaitMs).then(() => false)])
      // The builder lets the build that uses it come to its end first.
      if (!isDone) context.status(202)
      return {}
    }),

    handle(routes.builds.buildpacks, async (context) => installations(await store.buildpacksOf(db, appOf(context).id))),

    handle(routes.builds.putBuildpacks, async (context) => {
      const app = appOf(context)
      if (app.kind !== 'hosted') throw invalid(`${app.name} runs elsewhere, so it is not built here.`)
      const buildpacks = context.body.updates.map((one) => buildpackOf(one.buildpack))
      if (new Set(buildpacks).size < buildpacks.length) throw invalid('A buildpack can be there only once.')
      await transact(db, async (tx) => {
        const locked = await lockApp(tx, app.id)
        if (locked?.state !== 'live') throw notFound('app')
        const before = await store.buildpacksOf(tx, app.id)
        if (before.join('\n') === buildpacks.join('\n')) return
        const at = world.now()
        await store.putBuildpacks(tx, app.id, buildpacks, at)
        const told = { data: { buildpacks }, previous: { buildpacks: before } }
        await appChanged(tx, world, { app: locked, actor: context.actor, at, ...told })
      })
      return installations(buildpacks)
    }),

    ...slugRoutes(deps),
  ]
}

function appOf(context: Context): App {
  if (!context.subjects.app) throw notFound('app')
  return context.subjects.app
}

function accountOf(context: Context): string {
  return context.actor.id
}
