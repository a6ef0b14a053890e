import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isUuid } from '@mortise/contract/identity'
import { requestUrl } from '@mortise/provider/http'
import type { Seal } from '@mortise/provider/seal'
import type { Provider, ResourceStore } from '@mortise/provider/serve'
import type { Admin } from './admin.js'
import { dashboardPage, forbiddenPage } from './dashboard.js'
import { findTenant } from './databases.js'
import { largestTables, measure } from './limits.js'

export interface PagesOptions {
  provider: Provider
  store: ResourceStore
  admin: Admin
  seal: Seal
  /** Origin of the platform. */
  platform: string
}

/** What this provider serves beside the Partner API: the dashboard, its style, a list for the ledger, a heartbeat. */
export function createPages(options: PagesOptions) {
  const { provider, admin, store, platform } = options
  const css = readFileSync(new URL('./dashboard.css', import.meta.url))

  return async (req: IncomingMessage, res: ServerResponse): Promise<boolean> => {
    const path = requestUrl(req).pathname.replace(/(.)\/$/, '$1')
    if (req.method !== 'GET' && req.method !== 'HEAD') return false
    if (path === '/dashboard.css')
      return answer(res, 200, 'text/css; charset=utf-8', css, { 'cache-control': 'max-age=3600' })
    if (path === '/health') return answer(res, 200, 'text/plain', 'ok\n')
    if (path === '/admin/resources') return resources(req, res)
    const uuid = /^\/dashboard\/([^/]+)$/.exec(path)?.[1]
    return uuid ? dashboard(req, res, uuid.toLowerCase()) : false
  }

  async function dashboard(req: IncomingMessage, res: ServerResponse, uuid: string): Promise<boolean> {
    const session = provider.sessionOf(req)
    const isTheirs = isUuid(uuid) && session?.resourceId === uuid
    const resource = isTheirs ? await store.get(uuid) : null
    if (!session || !resource || resource.state === 'removed') return html(res, 403, forbiddenPage())
    const [its, tenant] = await Promise.all([measure(admin, uuid), findTenant(admin, options.seal, uuid)])
    const tables = its && tenant ? await largestTables(admin, tenant.database) : []
    return html(res, 200, dashboardPage({ session, resource, measure: its, tables, platform }))
  }

  /** For comparing with the platform's ledger. `exists` is what the server says, not what we remember. */
  async function resources(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    if (!provider.isAuthentic(req)) {
      const headers = { 'www-authenticate': `Basic realm="${provider.service.id}"` }
      return answer(res, 401, 'application/json', '{"message":"Use the id and the password of the manifest."}', headers)
    }
    const { rows } = await admin.pool.query(
      `select r.uuid, r.name, r.plan, r.state, (p.datname is not null or o.rolname is not null) as exists
         from mortise_postgresql.resources r
         left join mortise_postgresql.databases d using (uuid)
         left join pg_database p on p.datname = d.database_name
         left join pg_roles o on o.rolname = d.role_name
        order by r.created_at, r.uuid`,
    )
    return answer(res, 200, 'application/json; charset=utf-8', JSON.stringify(rows))
  }

  function html(res: ServerResponse, status: number, text: string): true {
    return answer(res, status, 'text/html; charset=utf-8', text, {
      // Scripts come from the platform's nav only, and nothing on the page is sent anywhere.
      'content-security-policy': `default-src 'none'; script-src ${platform}; style-src 'self' ${platform}; img-src ${platform}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
    })
  }

  function answer(
    res: ServerResponse,
    status: number,
    type: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): true {
    res
      .writeHead(status, {
        'content-type': type,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...headers,
      })
      .end(body)
    return true
  }
}
