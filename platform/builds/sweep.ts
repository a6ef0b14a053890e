import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Db, transact } from '../db/db.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { later, type World } from '../world/world.js'
import { dropEmptySlugs } from './slug-store.js'
import { sourceFile } from './source.js'
import { dropUnusedSources } from './source-store.js'

/** A place for a source is good for a day; who has not asked for a build by then asks for a new place. */
export const sourceHoursMax = 24
const hourMs = 60 * 60_000

/** Takes away what was uploaded and never built, and halves of files that a crash left behind. */
export function sourceSweeper(deps: { db: Db; world: World; dir: string }): Reconciler {
  const { db, world, dir } = deps
  return {
    name: 'sources',
    everyMs: hourMs,
    async pass() {
      const before = later(world.now(), -sourceHoursMax * hourMs)
      // Rows first: a file without a row is taken away below the next time.
      const dropped = await transact(db, (tx) => dropUnusedSources(tx, before))
      await transact(db, (tx) => dropEmptySlugs(tx, before))
      for (const id of dropped) await rm(sourceFile(dir, id), { force: true })
      for (const folder of ['sources', 'slugs', 'buildpacks']) await sweepDrafts(path.join(dir, folder), before)
      return false
    },
  }
}

/** Whole files are called `<id>.tgz`; whatever has more to its name was being written. */
async function sweepDrafts(folder: string, before: Date): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names.filter((one) => !/^[\w-]+\.tgz$/.test(one))) {
    const file = path.join(folder, name)
    const found = await stat(file).catch(() => null)
    if (found && found.mtime < before) await rm(file, { force: true })
  }
}
