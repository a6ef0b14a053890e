import type { AddonService } from '@mortise/contract/platform-api/catalog'

export const sorts = ['name', 'price', 'newest'] as const
export type Sort = (typeof sorts)[number]

/** What somebody looks for, as it stands in the address. */
export interface Wanted {
  q?: string
  category?: string
  /** Has a plan that costs nothing. */
  free?: true
  /** Passed its provider's inspection. */
  inspected?: true
  /** By name unless told otherwise; with words typed, what begins with them comes first. */
  sort?: Sort
  /** How many pages of cards are shown, one below the other. */
  page?: number
}

// Making a collator is slow and comparing with it is not; localeCompare makes one each time.
const collator = new Intl.Collator('en')

const texts = new WeakMap<AddonService, string>()

/** All that is searched, made once for each service: with a thousand of them it would be most of the work of a key press. */
function textOf(service: AddonService): string {
  let text = texts.get(service)
  if (text === undefined) {
    const { human_name, name, description, categories = [] } = service
    text = [human_name, name, description, ...categories].join(' ').toLowerCase()
    texts.set(service, text)
  }
  return text
}

const orders: Record<Sort, (a: AddonService, b: AddonService) => number> = {
  name: (a, b) => collator.compare(a.human_name, b.human_name),
  price: (a, b) => centsOf(a) - centsOf(b),
  newest: (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0),
}

/** What has no number comes last. */
const centsOf = ({ lowest_price: price }: AddonService) =>
  price && !price.contract && !price.metered ? price.cents : Infinity

/**
 * The services that match every word typed, those whose name begins with it first, else in the order that was chosen.
 * A service that is shut down is not offered.
 */
export function search(services: readonly AddonService[], wanted: Wanted): AddonService[] {
  const { q = '', category, sort = 'name' } = wanted
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const first = words[0]
  const begins = (service: AddonService) =>
    first !== undefined && (service.human_name.toLowerCase().startsWith(first) || service.name.startsWith(first))
  return services
    .filter((service) => service.state !== 'shutdown')
    .filter((service) => !category || service.categories?.includes(category))
    .filter((service) => !wanted.free || isFree(service))
    .filter((service) => !wanted.inspected || service.inspection)
    .filter((service) => words.length === 0 || words.every((word) => textOf(service).includes(word)))
    .map((service) => ({ service, rank: begins(service) ? 0 : 1 }))
    .sort((a, b) => a.rank - b.rank || orders[sort](a.service, b.service) || orders.name(a.service, b.service))
    .map(({ service }) => service)
}

const isFree = (service: AddonService) => centsOf(service) === 0

/** Every category in use, by name. */
export function categoriesOf(services: readonly AddonService[]): string[] {
  return [...new Set(services.flatMap((service) => service.categories ?? []))].sort(collator.compare)
}

// With a thousand services, cards are added as one reads on.
export const pageSize = 48

/** One look at the shelf: the cards that are drawn, and what stands around them. */
export interface Look {
  shown: AddonService[]
  /** How many match, drawn or not. */
  count: number
  /** How many there are at all. */
  total: number
  categories: { name: string; count: number }[]
  hasFree: boolean
  hasInspected: boolean
}

export function look(services: readonly AddonService[], wanted: Wanted): Look {
  const found = search(services, wanted)
  const open = services.filter((service) => service.state !== 'shutdown')
  return {
    shown: found.slice(0, pageSize * (wanted.page ?? 1)),
    count: found.length,
    total: open.length,
    categories: categoriesOf(open).map((name) => ({
      name,
      count: open.filter((service) => service.categories?.includes(name)).length,
    })),
    hasFree: open.some(isFree) && !open.every(isFree),
    hasInspected: open.some((service) => service.inspection) && !open.every((service) => service.inspection),
  }
}

/** What an address says of it; whatever it does not know is left out. */
export function wantedIn(search: Record<string, unknown>): Wanted {
  const { q, category, free, inspected, sort, page } = search
  const pages = Number(page)
  return {
    // The router reads `?q=42` as a number.
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' ? { q: String(q).slice(0, 100) } : {}),
    ...(typeof category === 'string' && category ? { category } : {}),
    ...(isOn(free) ? { free: true } : {}),
    ...(isOn(inspected) ? { inspected: true } : {}),
    ...(sort === 'price' || sort === 'newest' ? { sort } : {}),
    ...(Number.isInteger(pages) && pages > 1 && pages <= 1000 ? { page: pages } : {}),
  }
}

const isOn = (value: unknown) => value === true || value === 'true' || value === 1
