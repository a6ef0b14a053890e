import { queryOptions } from '@tanstack/react-query'
import { api, routes } from '../../api.js'
import { appKey } from '../resources.js'

export const domains = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'domains'],
    async queryFn({ signal }) {
      const all = await api.call(routes.domains.list, { params: { app }, signal })
      const rank = (kind: string) => (kind === 'heroku' ? 0 : 1)
      return all.sort((a, b) => rank(a.kind) - rank(b.kind) || a.hostname.localeCompare(b.hostname))
    },
    meta: { facts: ['domain', 'sni-endpoint', 'app'] },
  })

export const certificates = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'certificates'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.sniEndpoints.list, { params: { app }, signal })).sort((a, b) =>
        a.created_at.localeCompare(b.created_at),
      ),
    meta: { facts: ['sni-endpoint', 'domain'] },
  })

export const buildpacks = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'buildpacks'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.builds.buildpacks, { params: { app }, signal }))
        .sort((a, b) => a.ordinal - b.ordinal)
        .map(({ buildpack }) => buildpack),
    meta: { facts: ['app'] },
  })

/** Where log lines go. What may be a password or a key in an address is taken out here, so that it never shows. */
export const drains = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'drains'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.drains.listOfApp, { params: { app }, signal })).map(({ url, ...drain }) => ({
        ...drain,
        url: masked(url),
      })),
    meta: { facts: ['log-drain'] },
  })

/** `https://user:pass@logs.example/x?key=1` → `https://•••@logs.example/x?•••`. */
export function masked(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//•••@').replace(/\?.*$/, '?•••')
}
