import type { Comparison } from '@mortise/contract/platform-api/releases'
import type { App } from '../apps/app.js'
import { listConfigNames } from '../attachments/store.js'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { varsOf } from './environment.js'
import type { Release } from './release.js'
import * as store from './store.js'

/** What this release changed, measured against the one before it. */
export async function comparedWithPrevious(db: Db, secrets: Secrets, app: App, to: Release): Promise<Comparison> {
  const from = to.version > 1 ? await store.findRelease(db, app.id, String(to.version - 1)) : undefined
  const [before, after] = await Promise.all([
    from ? store.pinnedAttachments(db, from.id) : [],
    store.pinnedAttachments(db, to.id),
  ])
  const vars = await ownVars(db, secrets, from?.snapshotId ?? null, to.snapshotId)
  return {
    app: { id: app.id, name: app.name },
    from: from ? numbered(from) : null,
    to: numbered(to),
    slug: slugs(from?.slugId ?? null, to.slugId),
    config_vars: { ...difference(vars.from, vars.to), kept: [] },
    add_ons: {
      attached: attachments(after, (one) => !before.some((other) => other.id === one.id)),
      detached: attachments(before, (one) => !after.some((other) => other.id === one.id)),
      renewed: attachments(after, (one) =>
        before.some((other) => other.id === one.id && other.credentialId !== one.credentialId),
      ),
    },
  }
}

/**
 * What a rollback to this release would change: code and the app's own vars. Attachments stay as they are today, and a
 * name that one of them owns stays with it.
 */
export async function comparedWithNow(db: Db, secrets: Secrets, app: App, target: Release): Promise<Comparison> {
  const [current, names] = await Promise.all([store.currentRelease(db, app.id), listConfigNames(db, app.id)])
  const vars = await ownVars(db, secrets, app.snapshotId, target.snapshotId)
  const owned = new Set(names.filter((one) => one.attachmentId !== null).map(({ name }) => name))
  const kept = Object.keys(vars.to).filter((name) => owned.has(name))
  const wanted = Object.fromEntries(Object.entries(vars.to).filter(([name]) => !owned.has(name)))
  return {
    app: { id: app.id, name: app.name },
    from: current ? numbered(current) : null,
    to: numbered(target),
    slug: slugs(current?.slugId ?? null, target.slugId),
    config_vars: { ...difference(vars.from, wanted), kept: kept.sort() },
    add_ons: { attached: [], detached: [], renewed: [] },
  }
}

const numbered = ({ id, version }: Release) => ({ id, version })

const slugs = (from: string | null, to: string | null) => ({
  changed: from !== to,
  from: from === null ? null : { id: from },
  to: to === null ? null : { id: to },
})

function attachments(all: readonly store.PinnedAttachment[], isWanted: (one: store.PinnedAttachment) => boolean) {
  return all.filter(isWanted).map(({ name, addonId, addonName }) => ({ name, addon: { id: addonId, name: addonName } }))
}

/** Opened only where they may differ. */
async function ownVars(db: Db, secrets: Secrets, from: string | null, to: string) {
  const after = await varsOf(db, secrets, to)
  return { from: from === to ? after : await varsOf(db, secrets, from), to: after }
}

function difference(from: Record<string, string>, to: Record<string, string>) {
  return {
    added: Object.keys(to)
      .filter((name) => !Object.hasOwn(from, name))
      .sort(),
    removed: Object.keys(from)
      .filter((name) => !Object.hasOwn(to, name))
      .sort(),
    changed: Object.keys(to)
      .filter((name) => Object.hasOwn(from, name) && from[name] !== to[name])
      .sort(),
  }
}
