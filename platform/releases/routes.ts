import { invalid, notFound } from '@mortise/contract/errors'
import type { ConfigVarName } from '@mortise/contract/platform-api/releases'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import type { App } from '../apps/app.js'
import { acknowledgeVersion, lockApp } from '../apps/store.js'
import { findSlugOf, setSlugOfApp } from '../builds/slug-store.js'
import { type Db, transact } from '../db/db.js'
import { addFormation } from '../formation/store.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { applyChange, type ChangeDeps } from './change.js'
import { comparedWithNow, comparedWithPrevious } from './compare.js'
import { configAtRelease, headOf } from './environment.js'
import { readNotes } from './note-read.js'
import { releaseOutputUrl } from './output.js'
import type { Release } from './release.js'
import * as store from './store.js'
import { releaseView } from './view.js'

export interface ReleaseDeps extends ChangeDeps {
  db: Db
}

export function releaseRoutes(deps: ReleaseDeps): Handler[] {
  const { db, secrets } = deps
  const noteRead = readNotes(deps)
  const appOf = (context: Context): App => {
    if (!context.subjects.app) throw notFound('app')
    return context.subjects.app
  }
  const outputUrl = (context: Context) => (id: string) => releaseOutputUrl(secrets, context.origin, id)
  const shown = async (context: Context, release: Release) =>
    releaseView(release, (await store.currentRelease(db, release.appId))?.id, outputUrl(context))

  return [
    handle(routes.config.info, async (context) => {
      const app = appOf(context)
      // Read first: what is told as this release may then be newer, never older.
      const newest = await store.latestRelease(db, app.id)
      if (newest) context.header('Mortise-Release', String(newest.version))
      const head = await headOf(db, secrets, app)
      if (Object.keys(head).length) await noteRead({ actor: context.actor, appId: app.id, data: { names: 'all' } })
      return head
    }),

    handle(routes.config.names, async (context) => {
      const app = appOf(context)
      const pins = await store.livePins(db, app.id)
      const attached = pins.flatMap((pin) =>
        pin.valueNames.flatMap((theirs): [string, ConfigVarName][] => {
          const name = pin.names[theirs]
          const addon = { id: pin.addonId, name: pin.addonName }
          const attachment = { id: pin.attachmentId, name: pin.attachmentName }
          return name === undefined ? [] : [[name, { name, addon, attachment }]]
        }),
      )
      const own = app.snapshotId ? ((await store.findSnapshot(db, app.snapshotId))?.names ?? []) : []
      const names = new Map([
        ...own.map((name): [string, ConfigVarName] => [name, { name, addon: null, attachment: null }]),
        ...attached,
      ])
      return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    }),

    handle(routes.config.value, async (context) => {
      const app = appOf(context)
      const { name } = context.params
      const value = (await headOf(db, secrets, app))[name]
      if (value === undefined) throw notFound('config_var')
      await noteRead({ actor: context.actor, appId: app.id, data: { names: [name] } })
      return { name, value }
    }),

    handle(routes.config.update, async (context) => {
      const vars = context.body
      await transact(db, async (tx) => {
        const app = await lockApp(tx, appOf(context).id)
        if (!app) throw notFound('app')
        await applyChange(tx, deps, { app, actor: context.actor, accountId: context.actor.id, vars, rebuild: true })
      })
      const app = appOf(context)
      const { snapshotId } = (await store.latestRelease(db, app.id)) ?? app
      return headOf(db, secrets, { id: app.id, snapshotId })
    }),

    handle(routes.config.atRelease, async (context) => {
      const release = await store.findRelease(db, appOf(context).id, context.params.release)
      if (!release) throw notFound('release')
      const config = await configAtRelease(db, secrets, release)
      const data = { names: 'all', version: release.version }
      await noteRead({ actor: context.actor, appId: release.appId, data })
      return config
    }),

    handle(routes.releases.list, async (context) => {
      const app = appOf(context)
      const current = await store.currentRelease(db, app.id)
      return (await store.listReleases(db, app.id)).map((release) =>
        releaseView(release, current?.id, outputUrl(context)),
      )
    }),

    handle(routes.releases.info, async (context) => {
      const release = await store.findRelease(db, appOf(context).id, context.params.release)
      if (!release) throw notFound('release')
      return shown(context, release)
    }),

    handle(routes.releases.compare, async (context) => {
      const app = appOf(context)
      const release = await store.findRelease(db, app.id, context.params.release)
      if (!release) throw notFound('release')
      const compared = context.query.with ?? 'previous'
      if (compared !== 'previous' && compared !== 'now') throw invalid('with is "previous" or "now".')
      return compared === 'now'
        ? comparedWithNow(db, secrets, app, release)
        : comparedWithPrevious(db, secrets, app, release)
    }),

    handle(routes.releases.acknowledge, async (context) => {
      const app = appOf(context)
      if (app.kind !== 'external') {
        throw invalid(`${app.name} runs here, so the platform knows which release it runs. Only external apps say so.`)
      }
      const release = await store.findRelease(db, app.id, context.params.release)
      if (!release) throw notFound('release')
      await transact(db, (tx) => acknowledgeVersion(tx, app.id, release.version, deps.world.now()))
      return shown(context, release)
    }),

    handle(routes.releases.create, async (context) => {
      const { body } = context
      if ((body.release === undefined) === (body.slug === undefined)) {
        throw invalid('Say either "release", to roll back to it, or "slug", to release it.')
      }
      const made = await transact(db, async (tx) => {
        const app = await lockApp(tx, appOf(context).id)
        if (!app) throw notFound('app')
        const change = { app, actor: context.actor, accountId: context.actor.id, rebuild: false }
        if (body.slug !== undefined) {
          const slugId = identityOf(body.slug)
          const slug = await findSlugOf(tx, app.id, slugId)
          if (!slug) throw notFound('slug')
          if (slug.bytes === null)
            throw invalid('Nothing was uploaded to that slug yet. PUT the archive to its blob.url first.')
          const at = deps.world.now()
          await addFormation(tx, {
            appId: app.id,
            ownerId: app.ownerId,
            processTypes: slug.processTypes,
            newId: () => deps.world.id(),
            at,
          })
          await setSlugOfApp(tx, app.id, slug.id, at)
          return applyChange(tx, deps, {
            ...change,
            slugId,
            description: body.description ?? `Deploy slug ${slugId.slice(0, 8)}`,
          })
        }
        const target = await store.findRelease(tx, app.id, identityOf(body.release ?? ''))
        if (!target) throw notFound('release')
        if (target.status !== 'succeeded') {
          throw invalid(
            `v${target.version} did not succeed, so there is nothing to roll back to. Choose a release that did.`,
          )
        }
        const current = await store.currentRelease(tx, app.id)
        if (target.slugId === null && current?.slugId) {
          throw invalid(
            `v${target.version} was made before the first deploy and has no slug to go back to. Choose a later one.`,
          )
        }
        return applyChange(tx, deps, {
          ...change,
          varsOfSnapshot: target.snapshotId,
          slugId: target.slugId ?? undefined,
          description: body.description ?? `Rollback to v${target.version}`,
        })
      })
      if (!made) throw invalid('That is what is released already, so there is nothing to do.')
      return shown(context, made)
    }),
  ]
}
