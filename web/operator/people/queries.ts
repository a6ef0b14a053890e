import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, firstPage, routes } from '../../api.js'
import { operatorKey } from '../queries.js'

/** How many are shown at first, and each time more are asked for. */
const pageMax = 50

export interface Searched {
  kind: 'person' | 'team'
  state: '' | 'active' | 'suspended' | 'operator'
  text: string
}

/** Addresses are unique, so a page begins behind the last one of the page before. */
export const accounts = ({ kind, state, text }: Searched) =>
  infiniteQueryOptions({
    queryKey: [...operatorKey, 'accounts', kind, state, text],
    // Who is there; what each has is counted anew at the next look, since apps and add-ons change all the time.
    meta: { facts: ['account', 'team'] },
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      firstPage.call(routes.accounts.list, {
        signal,
        query: { 'eq[kind]': kind, ...(state ? { 'eq[state]': state } : {}), ...(text ? { q: text } : {}) },
        headers: { range: `email ${pageParam}..; max=${pageMax}` },
      }),
    getNextPageParam: (page) => (page.length < pageMax ? undefined : `]${page.at(-1)?.email}`),
  })

export const account = (identity: string) =>
  queryOptions({
    queryKey: [...operatorKey, 'account', identity],
    meta: { facts: ['account', 'session', 'authorization', 'team', 'team-member', 'allowed-service', 'app', 'addon'] },
    queryFn: ({ signal }) => api.call(routes.accounts.info, { signal, params: { account: identity } }),
  })

export const appsOf = (identity: string) =>
  queryOptions({
    queryKey: [...operatorKey, 'account', identity, 'apps'],
    meta: { facts: ['app', 'addon'] },
    queryFn: ({ signal }) => api.call(routes.accounts.apps, { signal, params: { account: identity } }),
  })

export const quotas = (identity: string) =>
  queryOptions({
    queryKey: [...operatorKey, 'account', identity, 'quotas'],
    meta: { facts: ['quota', 'app', 'addon', 'formation', 'authorization'] },
    queryFn: ({ signal }) => api.call(routes.quotas.list, { signal, params: { user: identity } }),
  })

export const invites = queryOptions({
  queryKey: [...operatorKey, 'invites'],
  meta: { facts: ['invite', 'account'] },
  queryFn: ({ signal }) => api.call(routes.invites.list, { signal }),
})

export const passwordResets = queryOptions({
  queryKey: [...operatorKey, 'password-resets'],
  meta: { facts: ['invite', 'account'] },
  queryFn: ({ signal }) => api.call(routes.passwordResets.list, { signal }),
})
