import type { AddonService } from '@mortise/contract/platform-api/catalog'

export interface Wanted {
  q?: string
  category?: string
}

const textOf = (service: AddonService) =>
  [service.human_name, service.name, service.description, ...(service.categories ?? [])].join(' ').toLowerCase()

/**
 * The services that match every word typed, those whose name begins with it first, else by name.
 * A service that is shut down is not offered.
 */
export function search(services: readonly AddonService[], { q = '', category }: Wanted): AddonService[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const isFirst = (service: AddonService) =>
    words[0] !== undefined &&
    [service.human_name.toLowerCase(), service.name].some((name) => name.startsWith(words[0]!))
  return services
    .filter((service) => service.state !== 'shutdown')
    .filter((service) => !category || service.categories?.includes(category))
    .filter((service) => {
      const text = textOf(service)
      return words.every((word) => text.includes(word))
    })
    .sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || a.human_name.localeCompare(b.human_name))
}

/** Every category in use, by name. */
export function categoriesOf(services: readonly AddonService[]): string[] {
  return [...new Set(services.flatMap((service) => service.categories ?? []))].sort((a, b) => a.localeCompare(b))
}
