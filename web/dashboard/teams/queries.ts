import type { Team } from '@mortise/contract/platform-api/teams'
import { queryOptions } from '@tanstack/react-query'
import { api, queryClient, routes } from '../../api.js'

const key = ['teams'] as const
const byName = <T extends { name: string }>(all: T[]) => all.sort((a, b) => a.name.localeCompare(b.name))

export const teams = queryOptions({
  queryKey: key,
  queryFn: async ({ signal }) => byName(await api.call(routes.teams.list, { signal })),
})

export const team = (name: string) =>
  queryOptions({
    queryKey: [...key, name],
    queryFn: ({ signal }) => api.call(routes.teams.info, { params: { team: name }, signal }),
  })

export const isAdminOf = ({ role }: Pick<Team, 'role'>): boolean => role === 'admin' || role === 'owner'

export const members = (name: string) =>
  queryOptions({
    queryKey: [...key, name, 'members'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.teams.members, { params: { team: name }, signal })).sort((a, b) =>
        a.email.localeCompare(b.email),
      ),
  })

export const invitations = (name: string) =>
  queryOptions({
    queryKey: [...key, name, 'invitations'],
    queryFn: ({ signal }) => api.call(routes.teams.invitations, { params: { team: name }, signal }),
  })

export const appsOf = (name: string) =>
  queryOptions({
    queryKey: [...key, name, 'apps'],
    queryFn: async ({ signal }) => byName(await api.call(routes.teamApps.list, { params: { team: name }, signal })),
  })

/** None means that every service is allowed. */
export const allowedServices = (name: string) =>
  queryOptions({
    queryKey: [...key, name, 'allowed-services'],
    queryFn: async ({ signal }) =>
      (await api.call(routes.teams.allowedServices, { params: { team: name }, signal })).sort((a, b) =>
        a.addon_service.human_name.localeCompare(b.addon_service.human_name),
      ),
  })

/** To be called after every change of a team. */
export const teamsChanged = () => queryClient.invalidateQueries({ queryKey: key })
