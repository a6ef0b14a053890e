import { appConfigBytesMax } from '@mortise/contract/manifest/config-limits'
import { addonFacts, providerActor } from '../addons/addon.js'
import { findCredential, insertCredential, retireActive, valuesOf } from '../addons/credential-store.js'
import { addonById, lockAddon } from '../addons/store.js'
import { lockApp } from '../apps/store.js'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { applyChange } from '../releases/change.js'
import type { Actor } from '../saga/saga.js'
import { later } from '../world/world.js'
import type { LifecycleDeps } from './deps.js'
import { staleHeads } from './head-store.js'
import { stageConfig } from './provision.js'

/** A provider's changes of config roll an app at most this often. */
export const providerRollMs = 60_000

export type ConfigChange = { changed: 'staged' | 'active' | 'nothing' | 'too much'; addonState: string }

/**
 * Merges values that a provider gives; null takes a name away. Staged while the add-on is being created, else
 * a new version in force: the releases follow by `releaseConfig`, or by the reconciler if we stop before.
 */
export async function changeConfig(
  deps: LifecycleDeps,
  addonId: string,
  change: Record<string, string | null>,
): Promise<ConfigChange> {
  return transact(deps.db, async (tx): Promise<ConfigChange> => {
    const at = deps.world.now()
    const addon = await lockAddon(tx, addonId)
    if (!addon) return { changed: 'nothing', addonState: 'deprovisioned' }
    if (addon.state === 'provisioning') {
      await stageConfig(tx, deps, addonId, change, at)
      return { changed: 'staged', addonState: addon.state }
    }
    if (addon.state !== 'provisioned') return { changed: 'nothing', addonState: addon.state }
    const active = await findCredential(tx, addonId, 'default', 'active')
    const before: Record<string, string> = active ? (valuesOf(deps.secrets, active) ?? {}) : {}
    const values = { ...before }
    for (const [name, value] of Object.entries(change)) {
      if (value === null) delete values[name]
      else values[name] = value
    }
    if (JSON.stringify(sorted(values)) === JSON.stringify(sorted(before)))
      return { changed: 'nothing', addonState: addon.state }
    const bytes = Object.entries(values).reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
      0,
    )
    if (bytes > appConfigBytesMax) return { changed: 'too much', addonState: addon.state }
    await retireActive(tx, addonId, 'default', at)
    await insertCredential(tx, deps.secrets, {
      id: deps.world.id(),
      addonId,
      name: 'default',
      state: 'active',
      values,
      at,
    })
    await appendEvent(tx, {
      id: deps.world.id(),
      at,
      actor: providerActor(addon),
      action: 'update',
      resource: 'addon',
      subject: addonId,
      appId: addon.appId,
      data: { ...addonFacts(addon), config_vars: Object.keys(values).sort() },
    })
    return { changed: 'active', addonState: addon.state }
  })
}

function sorted(values: Record<string, string>): [string, string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A release on every app whose newest release pins an old version. May be repeated: there is none left then. */
export async function releaseConfig(
  deps: LifecycleDeps,
  addonId: string | null,
  options: { actor?: Actor; notBefore?: Date } = {},
): Promise<number> {
  const heads = await staleHeads(deps.db, addonId)
  for (const head of heads) {
    const addon = await addonById(deps.db, head.addonId)
    if (!addon) continue
    await transact(deps.db, async (tx) => {
      const app = await lockApp(tx, head.appId)
      if (app?.state !== 'live') return
      // Looked at again under the lock: another pass may have made the release meanwhile.
      if (!(await staleHeads(tx, head.addonId)).some((one) => one.appId === app.id)) return
      const since = head.lastProviderRollAt
      await applyChange(tx, deps, {
        app,
        actor: options.actor ?? providerActor(addon),
        accountId: options.actor?.id ?? null,
        attachmentsChanged: true,
        description: `Update ${head.attachmentNames.join(', ')} by ${addon.serviceName} (@ref:${addon.name})`,
        rebuild: false,
        notBefore: options.notBefore ?? (since ? later(since, providerRollMs) : undefined),
      })
    })
  }
  return heads.length
}
