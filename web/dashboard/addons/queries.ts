import { queryOptions } from '@tanstack/react-query'
import { api, routes } from '../../api.js'
import { appKey } from '../resources.js'

/** One add-on, by its name or id, seen from an app that has it. */
export const addonOf = (app: string, addon: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'addon', addon],
    queryFn: ({ signal }) => api.call(routes.addons.infoOfApp, { params: { app, addon }, signal }),
    meta: { facts: ['addon', 'addon-attachment', 'release', 'operation'] },
  })

/** Its credentials: the newest version first, and the default one before those of other names. */
export const credentialsOf = (app: string, addon: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'credentials-of', addon],
    queryFn: async ({ signal }) => {
      const rank = (name: string) => (name === 'default' ? '' : name)
      return (await api.call(routes.addons.credentials, { params: { addon }, signal })).sort(
        (a, b) => rank(a.name).localeCompare(rank(b.name)) || b.version - a.version,
      )
    },
    meta: { facts: ['addon', 'release', 'operation'] },
  })
