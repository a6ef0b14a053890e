import { resourceToken, ssoToken, userScopedResourceToken } from '@mortise/contract/partner-api/sso'
import type { Addon } from '../addons/addon.js'
import type { Service } from '../catalog/service.js'

/** What the browser sends to the provider: a form that it posts, or an address with a query. */
export interface SsoRequest {
  method: 'post' | 'get'
  action: string
  params: Record<string, string>
}

export interface SsoFacts {
  service: Service
  ssoSalt: string
  addon: Addon
  /** The app that the person came from. */
  contextApp: string
  account: { id: string; email: string }
  /** What the nav header needs; see contract/partner-api/nav-data. */
  navData: string
  /** The moment of the click: the provider refuses what is older than five minutes. */
  at: Date
  /** A deep link's own keys, already judged. */
  extra: Iterable<readonly [string, string]>
  /** What the person clicked, one of the plan's actions. */
  action: string | null
}

/**
 * Signs one sign-on. All generations of tokens are sent together, because real providers refuse when the one that
 * they look for is absent; `sso: "user_scoped"` in the manifest leaves out the two that do not cover the person.
 * Source: Partner API reference, section 4.
 * @returns null when the service has no dashboard, or its older protocol needs an id that the provider has not told
 */
export function ssoRequest(facts: SsoFacts): SsoRequest | null {
  const { service, addon } = facts
  const { production } = service.manifest.api
  if (production.sso_method === 'post' && production.sso_url !== undefined) {
    return { method: 'post', action: production.sso_url, params: fields(facts) }
  }
  if (production.sso_method !== 'get') return null
  const id = service.protocol === 'heroku-v3' ? addon.id : addon.providerId
  if (id === null) return null
  // The id is in the path, so the query goes without it. Source: kensa 3.1.0.
  const { id: _, ...params } = fields(facts)
  return { method: 'get', action: `${production.base_url.replace(/\/$/, '')}/${encodeURIComponent(id)}`, params }
}

function fields(facts: SsoFacts): Record<string, string> {
  const { addon, account, ssoSalt: salt } = facts
  const timestamp = String(Math.floor(facts.at.getTime() / 1000))
  const resource = { resourceId: addon.id, salt, timestamp }
  const isUserScoped = facts.service.manifest.api.sso === 'user_scoped'
  return Object.fromEntries([
    ...facts.extra,
    ...(addon.providerId === null ? [] : [['id', addon.providerId]]),
    ...(isUserScoped || addon.providerId === null
      ? []
      : [['token', ssoToken({ id: addon.providerId, salt, timestamp })]]),
    ['resource_id', addon.id],
    ...(isUserScoped ? [] : [['resource_token', resourceToken(resource)]]),
    ['user_scoped_resource_token', userScopedResourceToken({ ...resource, userId: account.id, email: account.email })],
    ['timestamp', timestamp],
    ['nav-data', facts.navData],
    ['email', account.email],
    ['user_id', account.id],
    ['app', addon.appName ?? facts.contextApp],
    ['context_app', facts.contextApp],
    ...(facts.action === null ? [] : [['action', facts.action]]),
  ])
}
