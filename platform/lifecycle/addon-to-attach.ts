import { WireError } from '@mortise/contract/errors'
import type { Addon } from '../addons/addon.js'
import { guardAddon } from '../addons/guard.js'
import type { App } from '../apps/app.js'
import type { Asker } from '../http/handle.js'
import type { LifecycleDeps } from './deps.js'

/**
 * The add-on that somebody names to attach it to an app: as that app knows it, else by its id or name, or as
 * `app::ATTACHMENT`. Only who may change an add-on may give it to another app.
 * @throws WireError 404 or 403
 */
export async function addonToAttach(deps: LifecycleDeps, asker: Asker, app: App, identity: string): Promise<Addon> {
  const at = deps.world.now()
  try {
    return (await guardAddon(deps.db, asker, { addon: identity, app: app.id }, 'manage', at)).addon
  } catch (error) {
    if (!(error instanceof WireError) || error.id !== 'not_found') throw error
    return (await guardAddon(deps.db, asker, { addon: identity }, 'manage', at)).addon
  }
}
