import type { Collaborator } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'

/** `view, deploy`; everything, for the owner. */
export const permissionNames = (one: Collaborator) => one.permissions.map(({ name }) => name).join(', ')

/** `view,deploy` as the API has it. */
export const permissionsIn = (given: string | undefined) => given?.split(',').map((one) => one.trim())

/**
 * An app's collaborators have two addresses: one for the apps of people, one for those of teams.
 * Both take the same bodies here, and this picks the one that is meant for the app.
 */
export async function collaboration(api: Api, app: string) {
  const { team } = await api.call(routes.apps.info, { params: { app } })
  return team ? routes.teamApps : routes.apps
}
