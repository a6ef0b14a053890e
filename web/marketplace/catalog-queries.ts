import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { queryOptions } from '@tanstack/react-query'
import { api, routes } from '../api.js'
import type { Look, Wanted } from './search.js'

// A catalog changes when somebody publishes; a minute's age does no harm.
const staleTime = 60_000

/** All of them, in as few answers as the server gives: it is what the search goes through at each key press. */
export const services = queryOptions({
  queryKey: ['services'],
  staleTime,
  queryFn: () => api.call(routes.catalog.services, { headers: { range: 'name ..; max=1000' } }),
})

/** What the server drew into the page that was opened. It is never asked for: only the first page has one. */
export const drawnLook = (wanted: Wanted) =>
  queryOptions<Look>({ queryKey: ['services drawn', wanted], enabled: false, staleTime: Infinity })

/** Null where the server has drawn that there is none. */
export const service = (name: string) =>
  queryOptions<AddonService | null>({
    queryKey: ['services', name],
    staleTime,
    queryFn: () => api.call(routes.catalog.service, { params: { service: name } }),
  })

/** The plans of a service that are on offer, cheapest first as a shop would show them. */
export const plans = (name: string) =>
  queryOptions({
    queryKey: ['services', name, 'plans'],
    staleTime,
    queryFn: async () => onOffer(await api.call(routes.catalog.plans, { params: { service: name } })),
  })

/** Where apps can be, as the installation has it from its start. */
export const regions = queryOptions({
  queryKey: ['regions'],
  staleTime: Infinity,
  queryFn: () => api.call(routes.places.regions),
})

export function onOffer<P extends { visible: boolean; price: { contract: boolean; cents: number } }>(all: P[]): P[] {
  const rank = (plan: P) => (plan.price.contract ? Infinity : plan.price.cents)
  return all.filter((plan) => plan.visible).sort((a, b) => rank(a) - rank(b))
}

/** `mortise-postgresql:mini` → `mini`. */
export const planWord = (name: string) => name.slice(name.indexOf(':') + 1)
