import { WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { addonIn } from '../addons/routes.js'
import { appIn } from '../apps/routes.js'
import { type Handler, handle } from '../http/handle.js'
import { openAddon, type SsoDeps } from './open.js'

/** What a client needs to open a dashboard by itself. */
export function ssoRoutes(deps: SsoDeps): Handler[] {
  return [
    handle(routes.addons.sso, async (context) => {
      const { asker, subjects, requestId, query } = context
      if (!asker.account) throw new WireError('forbidden', 'A grant opens no dashboards: this needs an account.')
      const target = { addon: addonIn(subjects).id, app: appIn(subjects) }
      const { request } = await openAddon(deps, asker, target, { extra: [], action: query.action ?? null, requestId })
      // The tokens in it are good for five minutes.
      context.header('Cache-Control', 'no-store')
      return request
    }),
  ]
}
