import { grantMinutes } from '@mortise/contract/partner-api/oauth'
import { notFound, WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { vendorPageMax } from '@mortise/contract/platform-api/vendor'
import type { Addon } from '../addons/addon.js'
import { logInputUrl } from '../addons/log-input.js'
import { addonById, addonsOfHerokuId, listAddonsOfService } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { findRegion } from '../apps/place.js'
import { appsByIds, findApp } from '../apps/store.js'
import type { AppAddresses } from '../apps/view.js'
import { serviceOf } from '../catalog/guard.js'
import type { Service } from '../catalog/service.js'
import { transact } from '../db/db.js'
import { listDomains } from '../domains/store.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { findLogInput } from '../logs/log-input-store.js'
import { callbackUrl, herokuId } from '../partner/client.js'
import { insertGrant } from '../partner/grant-store.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later } from '../world/world.js'
import { patchConfig, providerConfig, providerSays } from './call-backs.js'
import type { LifecycleDeps } from './deps.js'

export interface VendorDeps extends LifecycleDeps {
  addresses: AppAddresses
  /** Where this machine speaks from. */
  ownAddresses(): string[]
}

/** App Info and what else providers of the first generation call. Source: Dev Center, "Add-on App Info" (2014). */
export function vendorRoutes(deps: VendorDeps): Handler[] {
  const { db } = deps

  /** `app<N>@heroku.com` names an app, the uuid one of a service's add-ons on it. @throws WireError 404 or 422 */
  async function named(service: Service, identity: string): Promise<Addon> {
    const number = /^app(\d{1,15})@heroku\.com$/.exec(identity)?.[1]
    const all = number
      ? await addonsOfHerokuId(db, Number(number))
      : [isUuid(identity) ? await addonById(db, identity.toLowerCase()) : undefined]
    const [addon, ...more] = all.filter(
      (one): one is Addon => one?.serviceId === service.id && one.state !== 'deprovisioned',
    )
    if (!addon) throw notFound('app')
    if (more.length) {
      const ids = [addon, ...more].map(({ id }) => id).join(', ')
      throw new WireError('multiple_matches', `${identity} has several add-ons of ${service.name}. Name one: ${ids}.`)
    }
    return addon
  }

  async function info(context: Context, addon: Addon, service: Service) {
    const app = addon.appId === null ? undefined : await findApp(db, addon.appId)
    if (!app) throw notFound('app')
    const region = findRegion(addon.region)?.provider
    const input = await findLogInput(db, deps.secrets, addon.id, app.id)
    const config = await providerConfig(deps, addon)
    return {
      callback_url: callbackUrl(deps.publicUrl(), service, addon.id, app.number),
      config: Object.fromEntries(config.map(({ name, value }) => [name, value])),
      domains: await hostnames(app),
      id: herokuId(app.number),
      log_input_url: input === null ? null : logInputUrl(deps.publicUrl(), input),
      // What came before log_input_url: the same token by itself.
      logplex_token: input,
      name: app.name,
      owner_email: app.ownerEmail,
      region: region ? `${region.name}::${region.region}` : addon.region,
      resource: { name: addon.name, uuid: addon.id },
    }
  }

  async function hostnames(app: App): Promise<string[]> {
    const own = app.kind === 'hosted' ? [deps.addresses.hostname(app.name)] : []
    return [...own, ...(await listDomains(db, app.id)).map(({ hostname }) => hostname)]
  }

  return [
    handle(routes.vendor.list, async (context) => {
      const service = serviceOf(context.subjects)
      const offset = Number(context.query.offset ?? 0)
      const all = await listAddonsOfService(db, service.id)
      const apps = await numbers(all)
      const page = all.slice(offset, offset + vendorPageMax)
      const links = [
        ...(offset + vendorPageMax < all.length ? [[offset + vendorPageMax, 'next'] as const] : []),
        ...(offset > 0 ? [[Math.max(0, offset - vendorPageMax), 'prev'] as const] : []),
      ]
      const link = links.map(([at, rel]) => `<${deps.publicUrl()}/vendor/apps?offset=${at}>; rel="${rel}"`)
      if (link.length) context.header('Link', link.join(', '))
      return page.map((addon) => ({
        callback_url: callbackUrl(deps.publicUrl(), service, addon.id, apps.get(addon.appId ?? '') ?? null),
        heroku_id: herokuId(apps.get(addon.appId ?? '') ?? 0),
        plan: planOf(addon),
        provider_id: addon.providerId,
        resource: { name: addon.name, uuid: addon.id },
      }))
    }),
    handle(routes.vendor.info, async (context) => {
      const service = serviceOf(context.subjects)
      return info(context, await named(service, context.params.heroku_id), service)
    }),
    handle(routes.vendor.update, async (context) => {
      const service = serviceOf(context.subjects)
      const addon = await named(service, context.params.heroku_id)
      const config = Object.entries(context.body.config).map(([name, value]) => ({ name, value }))
      await patchConfig(deps, addon, config)
      // The first contract has no other word for "it is ready".
      if (service.protocol === 'heroku-v1' && addon.state === 'provisioning') {
        await providerSays(deps, addon.id, 'provision')
      }
      return info(context, (await addonById(db, addon.id)) ?? addon, service)
    }),
    handle(routes.vendor.logSources, async () => deps.ownAddresses()),
    handle(routes.vendor.grant, async (context) => {
      const service = serviceOf(context.subjects)
      const addon = await named(service, context.params.addon)
      const code = newToken()
      const at = deps.world.now()
      const expiresAt = later(at, grantMinutes * 60_000)
      await transact(db, (tx) =>
        insertGrant(tx, { id: deps.world.id(), addonId: addon.id, hash: tokenHash(code), expiresAt, at }),
      )
      context.header('Cache-Control', 'no-store')
      return { oauth_grant: { code, expires_at: timestamp(expiresAt), type: 'authorization_code' as const } }
    }),
    handle(routes.vendor.installs, async (context) => {
      const service = serviceOf(context.subjects)
      const all = await listAddonsOfService(db, service.id)
      const apps = await numbers(all)
      return all.map((addon) => ({
        app: addon.appId && addon.appName ? { id: addon.appId, name: addon.appName } : null,
        callback_url: `${deps.publicUrl()}/addons/${addon.id}`,
        created_at: timestamp(addon.createdAt),
        heroku_id: addon.appId ? herokuId(apps.get(addon.appId) ?? 0) : null,
        id: addon.id,
        name: addon.name,
        plan: planOf(addon),
        provider_id: addon.providerId,
        region: addon.region,
        state: addon.state,
        updated_at: timestamp(addon.updatedAt),
        uuid: addon.id,
      }))
    }),
  ]

  async function numbers(addons: readonly Addon[]): Promise<Map<string, number>> {
    const ids = [...new Set(addons.flatMap(({ appId }) => (appId === null ? [] : [appId])))]
    return new Map((await appsByIds(db, ids)).map(({ id, number }) => [id, number]))
  }
}

const planOf = (addon: Addon) => addon.planName.split(':')[1] ?? addon.planName
