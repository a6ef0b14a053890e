import type { AddonService, Plan } from '@mortise/contract/platform-api/catalog'

interface Sought {
  service: Pick<AddonService, 'human_name' | 'regions'>
  plan: Pick<Plan, 'human_name' | 'regions'> | undefined
  /** All that the installation has, in its order. */
  regions: readonly string[]
}

/** Names of the regions in which a plan of a service can be had. */
export function offeredIn({ service, plan, regions }: Sought): string[] {
  return regions.filter((name) => (service.regions?.includes(name) ?? true) && (plan?.regions?.includes(name) ?? true))
}

/** Why it can't be had in a region, and where it can; null where it can. */
export function notOffered(sought: Sought, region: string): string | null {
  const offered = offeredIn(sought)
  if (offered.includes(region)) return null
  const { service, plan } = sought
  const isOfService = !(service.regions?.includes(region) ?? true)
  const what = isOfService || !plan ? service.human_name : `The plan ${plan.human_name} of ${service.human_name}`
  const where = offered.length
    ? `It is offered in ${listed(offered)}.`
    : 'It is offered in no region of this installation.'
  return `${what} is not offered in ${region}. ${where}`
}

/** `us, eu and tokyo` */
export const listed = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')
