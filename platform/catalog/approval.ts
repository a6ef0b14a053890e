import type { Manifest } from '@mortise/contract/manifest/read'
import type { Installation } from './installable.js'
import type { PublicManifest, Service } from './service.js'

/**
 * Why this push needs the operator, or null. Once customers rely on a service, whoever took over its owner's account
 * could send their data elsewhere by one push. Source: RULES.md, section 8.5.
 */
export function approvalProblem(
  service: Service,
  before: Manifest,
  after: Manifest,
  pusher: { isOperator: boolean },
  { localhost }: Installation,
): string | null {
  if (localhost || pusher.isOperator || service.state === 'alpha') return null
  const changed = delicate.filter(([, read]) => JSON.stringify(read(before)) !== JSON.stringify(read(after)))
  if (!changed.length) return null
  const names = changed.map(([name]) => name).join(', ')
  return `${service.humanName} has customers, so a change of ${names} needs the operator. Ask the operator to push this manifest.`
}

const delicate: [name: string, read: (manifest: Manifest) => unknown][] = [
  ['"api.production.base_url"', ({ api }) => api.production.base_url],
  ['"api.production.sso_url"', ({ api }) => [api.production.sso_url, api.production.sso_method]],
  ['"api.password"', ({ api }) => api.password],
  ['"api.sso_salt"', ({ api }) => api.sso_salt],
  ['"api.config_vars"', ({ api }) => [[...api.config_vars].sort(), api.config_vars_prefix]],
]

/** What may be kept and shown without sealing. */
export function withoutSecrets(manifest: Manifest): PublicManifest {
  const { password: _, sso_salt: __, ...api } = manifest.api
  return { ...manifest, api }
}

/** The whole again, with its fields in the order of a fresh reading. */
export function withSecrets(manifest: PublicManifest, secrets: { password: string; ssoSalt: string }): Manifest {
  const { version, ...rest } = manifest.api
  return { ...manifest, api: { version, password: secrets.password, sso_salt: secrets.ssoSalt, ...rest } }
}
