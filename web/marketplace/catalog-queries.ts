import { queryOptions } from '@tanstack/react-query'
import { api, routes } from '../api.js'

// A catalog changes when somebody publishes; a minute's age does no harm.
const staleTime = 60_000

export const services = queryOptions({
  queryKey: ['services'],
  staleTime,
  queryFn: () => api.call(routes.catalog.services),
})

export const service = (name: string) =>
  queryOptions({
    queryKey: ['services', name],
    staleTime,
    queryFn: () => api.call(routes.catalog.service, { params: { service: name } }),
  })

/** The plans of a service that are on offer, cheapest first as a shop would show them. */
export const plans = (name: string) =>
  queryOptions({
    queryKey: ['services', name, 'plans'],
    staleTime,
    async queryFn() {
      const all = await api.call(routes.catalog.plans, { params: { service: name } })
      const rank = (plan: (typeof all)[number]) => (plan.price.contract ? Infinity : plan.price.cents)
      return all.filter((plan) => plan.visible).sort((a, b) => rank(a) - rank(b))
    },
  })

/** `mortise-postgresql:mini` → `mini`. */
export const planWord = (name: string) => name.slice(name.indexOf(':') + 1)
