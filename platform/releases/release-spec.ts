import type { ReleaseSpec } from '@mortise/runtime/driver'
import type { App } from '../apps/app.js'
import { findSlug } from '../builds/slug-store.js'
import { slugFile } from '../builds/source.js'
import { releaseType } from '../formation/formation.js'
import { listQuantities } from '../formation/store.js'
import { environmentOf } from './environment.js'
import type { Release } from './release.js'
import { type RollDeps, say } from './rolling.js'

export type SpecDeps = Pick<RollDeps, 'db' | 'secrets' | 'dir' | 'logs'>

/** All that a driver needs to run the release. @throws when it has no slug */
export async function specOf(deps: SpecDeps, app: App, release: Release): Promise<ReleaseSpec> {
  const { db, secrets, dir } = deps
  const slug = release.slugId ? await findSlug(db, release.slugId) : undefined
  if (!slug) throw new Error(`release ${release.id} has no slug`)
  const { config, dropped } = await environmentOf(db, secrets, release.id)
  if (dropped.length) say(deps, app, `Not given to dynos, since an add-on may not set them: ${dropped.join(', ')}`)
  const formation = await listQuantities(db, app.id)
  return {
    app: { id: app.id, name: app.name },
    version: release.version,
    slug: { id: slug.id, file: slugFile(dir, slug.id), ...(slug.folder ? { folder: slug.folder } : {}) },
    config,
    // Quantities are the app's, commands are the slug's: after a rollback an older slug runs its own commands.
    formation: formation
      .filter(({ type }) => type !== releaseType && slug.processTypes[type] !== undefined)
      .map(({ type, quantity, size }) => ({ type, command: slug.processTypes[type] ?? '', quantity, size })),
  }
}
