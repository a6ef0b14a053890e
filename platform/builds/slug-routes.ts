import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import { guardApp } from '../apps/guard.js'
import { stackNamed } from '../apps/place.js'
import { lockApp } from '../apps/store.js'
import { appIn } from '../apps/subject.js'
import { transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { BuildRouteDeps } from './routes.js'
import { countUnreleasedSlugs, findSlug, insertSlugPlace } from './slug-store.js'
import { slugToken, slugUrl } from './slug-upload.js'
import { slugView } from './view.js'

/** Of one app, uploaded or to be, and in no release. */
export const unreleasedSlugsMax = 20

/** Slugs that were built elsewhere: a place is made, the archive is put there, a release is made of it. */
export function slugRoutes({ db, world, secrets }: BuildRouteDeps): Handler[] {
  return [
    handle(routes.builds.createSlug, async ({ subjects, body, origin }) => {
      const app = appIn(subjects)
      if (app.kind !== 'hosted') throw invalid(`${app.name} runs elsewhere, so no slug runs here.`)
      const checksum = body.checksum ?? null
      if (checksum !== null && !/^(sha256:)?[0-9a-f]{64}$/i.test(checksum)) {
        throw invalid('"checksum" must be SHA256: and 64 hexadecimal digits.')
      }
      const slug = await transact(db, async (tx) => {
        if ((await lockApp(tx, app.id))?.state !== 'live') throw notFound('app')
        if ((await countUnreleasedSlugs(tx, app.id)) >= unreleasedSlugsMax) {
          throw invalid(
            `${app.name} has ${unreleasedSlugsMax} slugs that were never released. Release one; empty places go after a day.`,
          )
        }
        return insertSlugPlace(tx, {
          id: world.id(),
          appId: app.id,
          processTypes: body.process_types,
          buildpack: body.buildpack_provided_description ?? null,
          commit: body.commit ?? null,
          commitDescription: body.commit_description ?? null,
          stack: stackNamed(body.stack ? identityOf(body.stack) : null),
          expectedChecksum: checksum && `SHA256:${checksum.replace(/^sha256:/i, '').toLowerCase()}`,
          at: world.now(),
        })
      })
      return slugView(slug, { method: 'PUT', url: slugUrl(origin, slug.id, slugToken(secrets, slug.id)) })
    }),

    handle(routes.builds.slug, async ({ subjects, params, asker, origin }) => {
      const app = appIn(subjects)
      const slug = isUuid(params.slug) ? await findSlug(db, params.slug) : undefined
      if (slug?.appId !== app.id) throw notFound('slug')
      // Whoever only looks at the app is not given its code.
      const mayFetch = await guardApp(db, asker, app.id, 'deploy').then(
        () => true,
        () => false,
      )
      const token = mayFetch ? slugToken(secrets, slug.id) : undefined
      return slugView(slug, { method: slug.bytes === null ? 'PUT' : 'GET', url: slugUrl(origin, slug.id, token) })
    }),
  ]
}
