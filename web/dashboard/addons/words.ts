import type { Addon } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { planWord, services } from '../../marketplace/catalog-queries.js'

export const serviceOf = (addon: Addon) => String(addon.addon_service['name'])

/** `mortise-postgresql:mini` → `mini`. */
export const planOf = (addon: Addon) => planWord(String(addon.plan.name))

/** The service as people read it; as the wire names it until the catalog is there. */
export function useServiceName(addon: Addon): string {
  const { data: catalog } = useQuery(services)
  const name = serviceOf(addon)
  return catalog?.find((service) => service.name === name)?.human_name ?? name
}

/** A provider that is still at it, so that nothing else can be asked of it now. */
export const isBusy = (addon: Addon) => addon.state === 'provisioning' || addon.state === 'deprovisioning'
