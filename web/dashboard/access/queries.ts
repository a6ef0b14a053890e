import { queryOptions } from '@tanstack/react-query'
import { api, routes } from '../../api.js'
import { appKey } from '../resources.js'

/** Whoever works on an app; the owner first. */
export const collaborators = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'collaborators'],
    async queryFn({ signal }) {
      const all = await api.call(routes.apps.collaborators, { params: { app }, signal })
      const rank = (role: string | null) => (role === 'owner' ? 0 : 1)
      return all.sort((a, b) => rank(a.role) - rank(b.role) || a.user.email.localeCompare(b.user.email))
    },
    meta: { facts: ['collaborator', 'app'] },
  })

/** What a collaborator may be given, in the server's words. They never change while a page is open. */
export const permissions = queryOptions({
  queryKey: ['permissions'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => api.call(routes.teams.permissions),
})

export const transfersKey = ['transfers'] as const

/** Offers of apps that wait for an answer, from the account and to it. */
export const transfers = queryOptions({
  queryKey: transfersKey,
  queryFn: async () => (await api.call(routes.transfers.list)).filter((one) => one.state === 'pending'),
})
