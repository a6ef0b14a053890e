import type { PlanAction } from '@mortise/contract/manifest/manifest'
import type { AddonPlanAction, Addon as WireAddon } from '@mortise/contract/platform-api/addons'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { plansByIds, servicesByIds } from '../catalog/store.js'
import { planView, serviceView } from '../catalog/view.js'
import type { Db } from '../db/db.js'
import { derivedId } from '../world/derived-id.js'
import type { Addon } from './addon.js'
import { configNamesOnBillingApps } from './store.js'

export interface AddonViewContext {
  /** Scheme, host and port of the links. */
  origin: string
  /** Values of Accept-Expansion: `plan`, `addon_service`. */
  expand: ReadonlySet<string>
}

/** What stands for an app that is gone: clients read `app.name` without asking whether there is an app. */
const noApp = { id: '00000000-0000-0000-0000-000000000000', name: '' }

/** Records as the wire has them, in the order given; the number of questions does not grow with the list. */
export async function addonViews(db: Db, addons: readonly Addon[], context: AddonViewContext): Promise<WireAddon[]> {
  if (addons.length === 0) return []
  const ids = addons.map((addon) => addon.id)
  const configNames = await configNamesOnBillingApps(db, ids)
  const plans = context.expand.has('plan') ? await plansByIds(db, distinct(addons, 'planId')) : []
  const services = context.expand.has('addon_service') ? await servicesByIds(db, distinct(addons, 'serviceId')) : []
  return addons.map((addon) => {
    const plan = plans.find((one) => one.id === addon.planId)
    const service = services.find((one) => one.id === addon.serviceId)
    const app = billingApp(addon)
    return {
      actions: addon.planActions.map((one) => actionView(addon, one)),
      addon_service: service ? serviceView(service) : { id: addon.serviceId, name: addon.serviceName },
      app,
      // The price that it was ordered at, which the plan's may have left behind.
      billed_price: { cents: addon.cents, contract: addon.contract, metered: addon.metered, unit: addon.unit },
      billing_entity: { ...app, type: 'app' },
      config_vars: configNames.get(addon.id) ?? [],
      created_at: timestamp(addon.createdAt),
      id: addon.id,
      name: addon.name,
      plan: plan ? planView(plan) : { id: addon.planId, name: addon.planName },
      provider_id: addon.providerId ?? '',
      provision_message: addon.provisionMessage,
      state: addon.state,
      updated_at: timestamp(addon.updatedAt),
      web_url: addon.appName === null ? null : ssoLink(context.origin, addon.appName, addon.name),
    }
  })
}

export async function addonView(db: Db, addon: Addon, context: AddonViewContext): Promise<WireAddon> {
  const [view] = await addonViews(db, [addon], context)
  return view as WireAddon
}

function actionView(addon: Addon, { label, action, url, requires_owner }: PlanAction): AddonPlanAction {
  return {
    action: action ?? null,
    id: derivedId('plan action', `${addon.planId} ${action ?? url}`),
    label,
    requires_owner,
    url: url?.replaceAll(':resource_id', addon.id) ?? null,
  }
}

/** The page that leads into the provider's dashboard, for people coming from this app. */
export function ssoLink(origin: string, appName: string, addonName: string): string {
  return `${origin}/sso/apps/${encodeURIComponent(appName)}/addons/${encodeURIComponent(addonName)}`
}

function billingApp(addon: Addon): { id: string; name: string } {
  return addon.appId === null ? noApp : { id: addon.appId, name: addon.appName ?? '' }
}

function distinct(addons: readonly Addon[], key: 'planId' | 'serviceId'): string[] {
  return [...new Set(addons.map((addon) => addon[key]))]
}
