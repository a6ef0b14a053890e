import { routes } from '@mortise/contract/platform-api/routes'
import type { Route } from '@mortise/contract/route'
import { type Handler, handle } from '../http/handle.js'

/** To what the guard limits a provider's token, by a route's permission; what is not here is refused. */
const limits: Partial<Record<Route['permission'], 'add-on' | 'service' | 'app' | 'team'>> = {
  bearer: 'service',
  'addon.partner': 'add-on',
  'addon.view': 'service',
  'app.view+partner': 'app',
  'app.operate+partner': 'app',
  'team.view+partner': 'team',
}

/** What the token of a grant may call, made from the route table: a route that a provider may call is listed. */
export function partnerPermissions() {
  return Object.values(routes).flatMap((all) =>
    Object.values(all as Record<string, Route>).flatMap((route) => {
      const { method, path, title, permission } = route
      // A grant sees the add-on there, and opens no dashboards.
      const limited_to = route === routes.addons.sso ? undefined : limits[permission]
      return limited_to ? [{ limited_to, method, path, title }] : []
    }),
  )
}

export function partnerPermissionRoutes(): Handler[] {
  return [handle(routes.partnerPermissions.list, async () => partnerPermissions())]
}
