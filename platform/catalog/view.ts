import { configPrefix } from '@mortise/contract/manifest/manifest'
import type { Region } from '@mortise/contract/platform-api/apps'
import type { Plan as WirePlan, AddonService as WireService } from '@mortise/contract/platform-api/catalog'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { cedar } from './generation.js'
import type { Plan, Service } from './service.js'
import type { Offer } from './store.js'

/** @param passed when it last passed inspection; undefined where that is not told */
export function serviceView(service: Service, passed?: { at: Date; revision: number } | null): WireService {
  const { manifest } = service
  return {
    cli_plugin_name: manifest.cli_plugin_name ?? null,
    created_at: timestamp(service.createdAt),
    human_name: service.humanName,
    id: service.id,
    name: service.name,
    state: service.state,
    supported_generations: [cedar],
    supports_multiple_installations: manifest.api.requires.includes('many_per_app'),
    supports_sharing: manifest.api.requires.includes('attachable'),
    updated_at: timestamp(service.updatedAt),
    description: manifest.description ?? null,
    categories: manifest.categories ?? [],
    config_vars: manifest.api.config_vars,
    config_vars_prefix: configPrefix(manifest),
    docs_url: manifest.docs_url ?? null,
    ...(passed === undefined
      ? {}
      : { inspection: passed && { manifest_revision: passed.revision, passed_at: timestamp(passed.at) } }),
  }
}

/** The same as the marketplace lists it: with what it costs from, and where it can be. */
export function listedView(
  service: Service,
  told: { passed: { at: Date; revision: number } | null; offer: Offer | undefined; regions: readonly Region[] },
): WireService {
  const { manifest } = service
  return {
    ...serviceView(service, told.passed),
    support_url: manifest.support_url ?? null,
    plan_count: told.offer?.plans ?? 0,
    lowest_price: told.offer ? told.offer.lowest : null,
    regions: regionsOf(service, told.regions).map((region) => region.name),
  }
}

/** Those regions of this installation that its manifest names. */
export function regionsOf(service: Service, regions: readonly Region[]): Region[] {
  const named = service.manifest.api.regions
  return regions.filter(({ name }) => named.includes('*') || named.includes(name))
}

export function planView(plan: Plan): WirePlan {
  return {
    addon_service: { id: plan.serviceId, name: plan.serviceName },
    compliance: null,
    created_at: timestamp(plan.createdAt),
    default: plan.isDefault,
    description: plan.description,
    human_name: plan.humanName,
    id: plan.id,
    installable_inside_private_network: false,
    installable_outside_private_network: true,
    name: plan.fullName,
    price: { cents: plan.cents, contract: plan.contract, metered: plan.metered, unit: plan.unit },
    space_default: false,
    state: plan.state,
    updated_at: timestamp(plan.updatedAt),
    visible: plan.visible,
    features: plan.features,
    regions: plan.regions,
  }
}
