import { type Addon, providerActor } from '../addons/addon.js'
import { lockAddon } from '../addons/store.js'
import type { Service } from '../catalog/service.js'
import { serviceById } from '../catalog/store.js'
import { type Tx, transact } from '../db/db.js'
import { announceDrain } from '../drains/announce-drain.js'
import { drainContext } from '../drains/drain.js'
import { drainNamed, insertDrain, listDrainsOfAddon } from '../drains/store.js'
import { urlOf } from '../drains/view.js'
import { ensureLogInput } from '../logs/log-input-store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { newUuidToken } from '../secrets/tokens.js'
import type { LifecycleDeps } from './deps.js'
import { addonsWithoutLogAccess } from './log-access-store.js'

/** What a manifest may ask for of an app's log: to be sent it, and to write into it. */
export const wantsDrain = (service: Service) => service.manifest.api.requires.includes('syslog_drain')
export const wantsInput = (service: Service) => service.manifest.api.requires.includes('log_input')

/**
 * Gives an add-on that is on an app what its manifest asks for of the app's log. A drain leads where the provider said
 * for its first one; told nothing yet, it waits. Safe to repeat.
 */
export async function giveLogAccess(
  tx: Tx,
  deps: Pick<LifecycleDeps, 'world' | 'secrets'>,
  to: { addon: Pick<Addon, 'id' | 'serviceName'>; service: Service; appId: string; drainId?: string },
): Promise<void> {
  const { world, secrets } = deps
  const { addon, service, appId } = to
  const at = world.now()
  if (wantsInput(service)) await ensureLogInput(tx, secrets, { addonId: addon.id, appId, at })
  if (!wantsDrain(service)) return
  const drains = await listDrainsOfAddon(tx, addon.id)
  if (drains.some((drain) => drain.appId === appId)) return
  const url = drains.map((drain) => urlOf(drain, secrets)).find((found) => found !== null) ?? null
  const id = to.drainId ?? world.id()
  const sealed = url === null ? null : secrets.seal(url, drainContext(id))
  await insertDrain(tx, { id, appId, addonId: addon.id, token: newUuidToken('d.'), sealed, at })
  const drain = await drainNamed(tx, { appId }, id)
  if (drain) await announceDrain(tx, world, providerActor(addon), { action: 'create', drain, url })
}

/** A manifest that asks for more of the log than it did gives it to the add-ons that are there, too. */
export function logAccessReconciler(deps: LifecycleDeps): Reconciler {
  return {
    name: 'log access',
    everyMs: 30_000,
    async pass() {
      for (const { addonId, appId } of await addonsWithoutLogAccess(deps.db)) {
        await transact(deps.db, async (tx) => {
          const addon = await lockAddon(tx, addonId)
          const service = addon && (await serviceById(tx, addon.serviceId))
          if (addon?.state === 'provisioned' && service) await giveLogAccess(tx, deps, { addon, service, appId })
        })
      }
      return false
    },
  }
}
