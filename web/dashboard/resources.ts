import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import type { App } from '@mortise/contract/platform-api/apps'
import type { Dyno } from '@mortise/contract/platform-api/dynos'
import type { Release } from '@mortise/contract/platform-api/releases'
import { type QueryKey, queryOptions } from '@tanstack/react-query'
import { api, firstPage, queryClient, routes } from '../api.js'

// The server lists by id; people look by name, and for what they made last at the end.
const byName = <T extends { name: string }>(all: T[]) => all.sort((a, b) => a.name.localeCompare(b.name))
const byAge = <T extends { created_at: string }>(all: T[]) =>
  all.sort((a, b) => a.created_at.localeCompare(b.created_at))

export const apps = queryOptions({
  queryKey: ['apps'],
  queryFn: async () => byName(await api.call(routes.apps.list)),
})

export const appKey = (app: string): QueryKey => ['apps', app]

export const app = (name: string) =>
  queryOptions({
    queryKey: [...appKey(name), 'info'],
    queryFn: () => api.call(routes.apps.info, { params: { app: name } }),
    meta: { facts: ['app', 'release', 'build', 'domain'] },
  })

/** Everything of an app that moves by itself; read together, so that one page never tells two times at once. */
export interface Moving {
  addons: Addon[]
  attachments: Attachment[]
  releases: Release[]
  dynos: Dyno[]
}

export const moving = (name: string) =>
  queryOptions({
    queryKey: [...appKey(name), 'moving'],
    async queryFn({ signal }): Promise<Moving> {
      const ask = { params: { app: name }, signal }
      const [addons, attachments, releases, dynos] = await Promise.all([
        api.call(routes.addons.listOfApp, ask),
        api.call(routes.attachments.listOfApp, { ...ask, headers: { 'accept-inclusion': 'config_vars' } }),
        firstPage.call(routes.releases.list, {
          ...ask,
          headers: { range: `version ..; order=desc, max=${releasesMax}` },
        }),
        api.call(routes.dynos.list, ask),
      ])
      return {
        addons: byAge(addons),
        attachments: byAge(attachments),
        releases: releases.sort((a, b) => b.version - a.version),
        dynos: byName(dynos),
      }
    },
    meta: { facts: ['addon', 'addon-attachment', 'release', 'dyno', 'formation', 'operation'] },
  })

/** What tells how an app is, for a list of many. */
export const signs = ({ id, name }: Pick<App, 'id' | 'name'>) =>
  queryOptions({
    queryKey: [...appKey(name), 'signs'],
    staleTime: 30_000,
    async queryFn({ signal }) {
      const ask = { params: { app: name }, signal }
      const [addons, dynos, [release]] = await Promise.all([
        api.call(routes.addons.listOfApp, ask),
        api.call(routes.dynos.list, ask),
        firstPage.call(routes.releases.list, { ...ask, headers: { range: 'version ..; order=desc, max=1' } }),
      ])
      return { addons: addons.filter((addon) => addon.app.name === name), dynos, release }
    },
    meta: { app: id, facts: ['addon', 'release', 'dyno', 'formation', 'operation'] },
  })

/** Add-ons that the account may see, in all its apps. */
export const addons = queryOptions({
  queryKey: ['addons'],
  queryFn: async () => byName(await api.call(routes.addons.list)),
})

/** Where an add-on is attached, on other apps too; looked at from the page of one app, and refreshed with it. */
export const attachmentsOf = (app: string, addon: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'attachments-of', addon],
    meta: { facts: ['addon-attachment', 'addon', 'release'] },
    queryFn: async ({ signal }) =>
      byAge(
        await api.call(routes.attachments.listOfAddon, {
          params: { addon },
          headers: { 'accept-inclusion': 'config_vars' },
          signal,
        }),
      ),
  })

/** How many of the newest releases a page shows. */
export const releasesMax = 100

/** To be called after every change of an app: shows it at once. What follows from it comes by the app's stream. */
export async function changed(name: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: appKey(name) })
}

/** Names only: no value reaches the page unasked. */
export const configNames = (name: string) =>
  queryOptions({
    queryKey: [...appKey(name), 'config-names'],
    queryFn: async () => (await configOwners(name)).map((one) => one.name),
    meta: { facts: ['release', 'addon-attachment'] },
  })

/** Whose each name is; never what it says. */
export const configOwnersOf = (name: string) =>
  queryOptions({
    queryKey: [...appKey(name), 'config-owners'],
    queryFn: () => configOwners(name),
    meta: { facts: ['release', 'addon-attachment'] },
  })

export const configOwners = (app: string) => api.call(routes.config.names, { params: { app } })

/** One value, asked for when a person wants to see it, and kept nowhere. The server writes down who saw it. */
export async function configValue(app: string, name: string): Promise<string> {
  return (await api.call(routes.config.value, { params: { app, name } })).value
}
