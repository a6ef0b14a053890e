import { auditResources, eventResources } from '@mortise/contract/events/names'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ApiError, api, firstPage, queryClient, routes } from '../api.js'

/** What no fact tells of, such as how a provider answers, is asked for this often. */
const lookAgainMs = 15_000
/** How many of the newest ended stories are shown. */
export const endedMax = 50

export const operatorKey = ['operator'] as const
const key = operatorKey

/** How many of the newest open discrepancies are shown. */
export const discrepanciesMax = 200

/** What may be looked at; `open` is everything that has not ended. */
export type Wanted = 'open' | 'stuck' | 'done' | 'unwound'

export const operations = (state: Wanted) =>
  queryOptions({
    queryKey: [...key, 'operations', state],
    queryFn: ({ signal }) =>
      firstPage.call(routes.operations.list, {
        signal,
        query: { 'eq[state]': state },
        headers: { range: `updated_at ..; order=desc, max=${state === 'open' ? 200 : endedMax}` },
      }),
    meta: { facts: ['operation'] },
  })

export const operation = (id: string) =>
  queryOptions({
    queryKey: [...key, 'operation', id],
    queryFn: ({ signal }) => api.call(routes.operations.info, { signal, params: { operation: id } }),
    meta: { facts: ['operation', 'ledger-entry'] },
  })

/** What is known of an add-on at its provider; null when it was never asked for there. */
export const entry = (addon: string) =>
  queryOptions({
    queryKey: [...key, 'ledger', addon],
    async queryFn({ signal }) {
      try {
        return await api.call(routes.ledger.info, { signal, params: { addon } })
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
    meta: { facts: ['ledger-entry', 'ledger', 'addon', 'operation'] },
  })

export const ledger = queryOptions({
  queryKey: [...key, 'ledger'],
  queryFn: ({ signal }) =>
    firstPage.call(routes.ledger.list, { signal, headers: { range: 'updated_at ..; order=desc, max=200' } }),
  meta: { facts: ['ledger-entry', 'ledger', 'addon'] },
})

export const discrepancies = queryOptions({
  queryKey: [...key, 'discrepancies'],
  queryFn: ({ signal }) =>
    firstPage.call(routes.discrepancies.list, {
      signal,
      query: { 'eq[state]': 'open' },
      headers: { range: `found_at ..; order=desc, max=${discrepanciesMax}` },
    }),
  meta: { facts: ['discrepancy'] },
})

export const providers = queryOptions({
  queryKey: [...key, 'providers'],
  queryFn: ({ signal }) => api.call(routes.providers.list, { signal }),
  meta: { facts: [] },
  refetchInterval: lookAgainMs,
})

export const stageRequests = queryOptions({
  queryKey: [...key, 'stage requests'],
  queryFn: ({ signal }) => api.call(routes.stageRequests.list, { signal }),
  meta: { facts: ['stage-request', 'addon-service'] },
})

export const workers = queryOptions({
  queryKey: [...key, 'workers'],
  queryFn: ({ signal }) => api.call(routes.workers.list, { signal }),
  meta: { facts: [] },
  refetchInterval: lookAgainMs,
})

export const pulse = queryOptions({
  queryKey: [...key, 'pulse'],
  queryFn: ({ signal }) => api.call(routes.pulse.info, { signal }),
  meta: { facts: ['operation', 'ledger-entry', 'discrepancy'] },
  refetchInterval: lookAgainMs,
})

/** What may be looked for in the audit trail; times as the browser's field gives them, in its own zone. */
export interface AuditWanted {
  who?: string
  app?: string
  kind?: string
  action?: string
  since?: string
  until?: string
}

/** What is asked for most; other kinds are shown when nothing is chosen. */
export const auditKinds = [...eventResources, ...auditResources].sort()

/** How many lines are shown at first, and each time more are asked for. */
const auditPageMax = 50

export const audit = (wanted: AuditWanted) =>
  infiniteQueryOptions({
    queryKey: [...key, 'audit', wanted],
    meta: { facts: [] },
    initialPageParam: null as number | null,
    async queryFn({ signal, pageParam }) {
      const { who, app, kind, action, since, until } = wanted
      const from = pageParam === null ? '' : `]${pageParam}`
      const items = await firstPage.call(routes.activity.list, {
        signal,
        query: {
          'eq[actor]': who,
          'eq[app]': app,
          'eq[resource]': kind,
          'eq[action]': action,
          'ge[created_at]': since && new Date(since).toISOString(),
          'le[created_at]': until && new Date(until).toISOString(),
        },
        headers: { range: `seq ${from}..; order=desc, max=${auditPageMax}` },
      })
      return { items: items.sort((a, b) => b.seq - a.seq) }
    },
    getNextPageParam: ({ items }) => (items.length < auditPageMax ? undefined : (items.at(-1)?.seq ?? undefined)),
  })

/** Whether whoever is signed in is the operator, found out by a question that only the operator may ask. */
export const isOperator = queryOptions({
  queryKey: [...key, 'is'],
  meta: { facts: [] },
  staleTime: Number.POSITIVE_INFINITY,
  async queryFn() {
    try {
      await api.call(routes.workers.list)
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return false
      throw error
    }
  },
})

/** To be called after every verb. */
export const looked = () => queryClient.invalidateQueries({ queryKey: key })
