import { queryOptions } from '@tanstack/react-query'
import { api, routes } from '../../api.js'
import { appKey } from '../resources.js'

export const formation = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'formation'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.formation.list, { signal, params: { app } }))
        // Runs once with each release, and is never scaled.
        .filter(({ type }) => type !== 'release')
        .sort((a, b) => Number(b.type === 'web') - Number(a.type === 'web') || a.type.localeCompare(b.type)),
    meta: { facts: ['formation', 'release'] },
  })

export const sizes = queryOptions({
  queryKey: ['dyno-sizes'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => api.call(routes.dynoSizes.list, { signal }),
})

/** The platform's own last words about a dyno, from the app's log. */
export const lastWords = (app: string, dyno: string, updatedAt: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'last-words', dyno, updatedAt],
    staleTime: Number.POSITIVE_INFINITY,
    meta: { facts: [] },
    async queryFn({ signal }) {
      const { logplex_url } = await api.call(routes.logs.createSession, {
        signal,
        params: { app },
        body: { dyno_name: dyno, source: 'heroku', lines: 20, tail: false },
      })
      const { pathname } = new URL(logplex_url, window.location.origin)
      const text = await (await fetch(pathname, { signal })).text()
      return [...text.matchAll(/^data: (.*)$/gm)].map(([, line = '']) => line)
    },
  })
