import type { WebhookDelivery } from '@mortise/contract/platform-api/webhooks'
import { queryOptions } from '@tanstack/react-query'
import { api, firstPage, routes } from '../../api.js'
import { appKey } from '../resources.js'

/** How many of the newest deliveries are shown. */
export const deliveriesMax = 50
/** A delivery changes by itself and is no fact of the app's stream, so while one is under way the page looks again. */
const lookAgainMs = 3_000

const isUnderWay = ({ status, next_attempt_at }: WebhookDelivery) =>
  status === 'pending' || (status === 'retrying' && Date.parse(next_attempt_at ?? '') - Date.now() < 60_000)

export const webhooks = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'webhooks'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.webhooks.list, { params: { app }, signal })).sort((a, b) =>
        a.created_at.localeCompare(b.created_at),
      ),
    meta: { facts: [] },
  })

/** The newest first, of one status or of all. */
export const deliveries = (app: string, status: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'webhook-deliveries', status],
    queryFn: ({ signal }) =>
      firstPage.call(routes.webhooks.deliveries, {
        params: { app },
        query: status ? { 'eq[status]': status } : {},
        headers: { range: `seq ..; order=desc, max=${deliveriesMax}` },
        signal,
      }),
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? lookAgainMs : false),
  })

/** What a webhook was told. It never changes. */
export const webhookEvent = (app: string, id: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'webhook-events', id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => api.call(routes.webhooks.event, { params: { app, event: id }, signal }),
    meta: { facts: [] },
  })
