import type { ProviderRequest } from '@mortise/contract/platform-api/provider-portal'
import { queryOptions } from '@tanstack/react-query'
import { api, queryClient, routes } from '../api.js'

/** A provider's page looks again this often: requests come by themselves. */
const lookAgainMs = 5_000
const key = ['portal'] as const

export const services = queryOptions({
  queryKey: [...key, 'services'],
  queryFn: ({ signal }) => api.call(routes.providerPortal.services, { signal }),
  // The operator moves a service on while its provider looks at it.
  refetchInterval: lookAgainMs,
})

export const plans = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'plans'],
    queryFn: ({ signal }) => api.call(routes.catalog.plans, { signal, params: { service: slug } }),
  })

export const installs = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'installs'],
    queryFn: ({ signal }) => api.call(routes.providerPortal.installs, { signal, params: { slug } }),
    refetchInterval: lookAgainMs,
  })

export const requests = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'requests'],
    queryFn: ({ signal }) => api.call(routes.providerPortal.requests, { signal, params: { slug } }),
    refetchInterval: lookAgainMs,
  })

/** One of them with its bodies, which come with its answer and never change after that. */
export const exchange = (slug: string, { id, status }: ProviderRequest) =>
  queryOptions({
    queryKey: [...key, slug, 'requests', id, status],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => api.call(routes.providerPortal.exchange, { signal, params: { slug, request: id } }),
  })

export const stageRequests = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'stage requests'],
    queryFn: ({ signal }) => api.call(routes.stageRequests.listOfService, { signal, params: { slug } }),
    refetchInterval: lookAgainMs,
  })

export const passes = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'passes'],
    queryFn: ({ signal }) => api.call(routes.providerPortal.passes, { signal, params: { slug } }),
  })

export const webhooks = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'webhooks'],
    queryFn: ({ signal }) => api.call(routes.providerPortal.webhooks, { signal, params: { slug } }),
    refetchInterval: lookAgainMs,
  })

export const deliveries = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'deliveries'],
    queryFn: ({ signal }) => api.call(routes.providerPortal.deliveries, { signal, params: { slug } }),
    refetchInterval: lookAgainMs,
  })

export const inspections = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'inspections'],
    queryFn: ({ signal }) => api.call(routes.providerPortal.inspections, { signal, params: { slug } }),
    refetchInterval: lookAgainMs,
  })

/** Which manifest is in force. Of the answer, which has the provider's secrets in it, nothing else is kept. */
export const manifestInForce = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'manifest in force'],
    queryFn: async ({ signal }) => {
      const { contents } = await api.call(routes.portal.current, { signal, params: { slug } })
      return { revision: typeof contents['$base'] === 'number' ? contents['$base'] : null }
    },
  })

export const manifests = (slug: string) =>
  queryOptions({
    queryKey: [...key, slug, 'manifests'],
    queryFn: ({ signal }) => api.call(routes.portal.list, { signal, params: { slug } }),
  })

/** A version never changes. */
export const manifest = (slug: string, id: string) =>
  queryOptions({
    queryKey: [...key, slug, 'manifests', id],
    staleTime: Number.POSITIVE_INFINITY,
    async queryFn({ signal }) {
      const { contents } = await api.call(routes.portal.info, { signal, params: { slug, manifest: id } })
      return withoutSecrets(contents)
    },
  })

/** To be called after every verb. */
export const looked = () => queryClient.invalidateQueries({ queryKey: key })

/** A page may be looked at over somebody's shoulder; whoever needs the secrets pulls the manifest. */
function withoutSecrets(contents: Record<string, unknown>): Record<string, unknown> {
  const api = contents['api']
  if (typeof api !== 'object' || api === null) return contents
  const hidden = Object.fromEntries(
    Object.entries(api).map(([name, value]) => [name, ['password', 'sso_salt'].includes(name) ? '(hidden)' : value]),
  )
  return { ...contents, api: hidden }
}
