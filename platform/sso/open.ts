import { invalid, WireError } from '@mortise/contract/errors'
import type { Addon } from '../addons/addon.js'
import { guardAddon } from '../addons/guard.js'
import { listAddonsOfApp, listAddonsSeenBy } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { guardApp } from '../apps/guard.js'
import type { Service } from '../catalog/service.js'
import { manifestSecrets, serviceById, servicesByIds } from '../catalog/store.js'
import { type Db, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { Asker } from '../http/handle.js'
import { findOpenOperation } from '../saga/store.js'
import type { Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'
import { type SsoRequest, ssoRequest } from './form.js'
import { navDataOf } from './nav-data.js'

export interface SsoDeps {
  db: Db
  world: World
  secrets: Secrets
  /** Who opened what, in a sentence: for the audit. Tokens are never in it. */
  log(text: string): void
}

export interface Opening {
  service: Service
  addon: Addon
  request: SsoRequest
}

/**
 * Signs a person of the billing app (or the add-on's owner) in to the add-on's dashboard. Each call signs anew, with
 * the time of the call. People who know the add-on only through an attachment to their own app may not.
 * @throws WireError 403, 404, or 422 when there is nothing to open, or not yet, or no longer
 */
export async function openAddon(
  deps: SsoDeps,
  asker: Asker,
  target: { addon: string; app: App },
  asked: { extra: Iterable<readonly [string, string]>; action: string | null; requestId: string },
): Promise<Opening> {
  const { db, world, secrets } = deps
  const { account } = asker
  if (!account)
    throw new WireError('forbidden', 'This needs an account, not the token of a grant. Send the token of a person.')
  const { app } = target
  const { addon } = await guardAddon(db, asker, { addon: target.addon, app: app.id }, 'open', world.now())
  const { extra, requestId } = asked
  const action = asked.action === null ? undefined : addon.planActions.find((one) => one.action === asked.action)
  if (asked.action !== null && !action) throw invalid(`${addon.planName} has no action "${asked.action.slice(0, 64)}".`)
  if (action?.requires_owner) await guardApp(db, asker, app.id, 'manage')
  const service = await serviceById(db, addon.serviceId)
  if (!service) throw new Error('an add-on without its service')
  const reason = await whyClosed(db, addon, service)
  if (reason) throw invalid(reason)
  const { ssoSalt } = await manifestSecrets(db, secrets, service)
  if (ssoSalt === '') throw invalid(`${service.humanName} has not set up single sign-on. Ask its provider.`)

  const others = await shownBeside(db, app, account.id)
  const icons = new Map(
    (await servicesByIds(db, [...new Set([addon, ...others].map((one) => one.serviceId))])).flatMap((one) =>
      one.manifest.icon === undefined ? [] : [[one.id, one.manifest.icon] as const],
    ),
  )
  const request = ssoRequest({
    service,
    ssoSalt,
    addon,
    contextApp: app.name,
    account,
    navData: navDataOf({ addon, service }, app.name, others, icons),
    at: world.now(),
    extra,
    action: action?.action ?? null,
  })
  if (!request) throw invalid(`${service.humanName} has not told how to reach ${addon.name} yet. Try again later.`)
  await transact(db, (tx) =>
    appendEvent(tx, {
      ...{ id: world.id(), at: world.now(), actor: { id: account.id, email: account.email }, action: 'create' },
      ...{ resource: 'sign-on', subject: addon.id, appId: app.id },
      data: {
        name: addon.name,
        service: service.name,
        app: app.name,
        ...(action?.action ? { action: action.action } : {}),
      },
    }),
  )
  deps.log(
    `sso: account ${account.id} opened add-on ${addon.id} of ${service.name} from app ${app.id}, request ${requestId}`,
  )
  return { service, addon, request }
}

/** Why there is nothing to open, or null. While an add-on is made, only once the provider has taken the order. */
async function whyClosed(db: Db, addon: Addon, service: Service): Promise<string | null> {
  if (service.manifest.api.production.sso_method === 'none') {
    return `${service.humanName} has no dashboard.`
  }
  if (addon.state === 'provisioned') return null
  if (addon.state !== 'provisioning') return `${addon.name} is being removed, so its dashboard can't be opened.`
  const operation = await findOpenOperation(db, addon.id)
  if (operation?.state === 'parked') return null
  return `${addon.name} is still being created. Its dashboard opens when it is ready.`
}

/** The app's other add-ons that are ready, as far as this person may see them. */
async function shownBeside(db: Db, app: App, accountId: string): Promise<Addon[]> {
  const seen = new Set((await listAddonsSeenBy(db, accountId)).map((addon) => addon.id))
  return (await listAddonsOfApp(db, app.id)).filter((addon) => addon.state === 'provisioned' && seen.has(addon.id))
}
