import { readManifest } from '@mortise/contract/manifest/read'

/** Who the provider is towards the platform. The first password and salt are the current ones. */
export interface Service {
  id: string
  /** Which wire the platform speaks to it: `1` is the one that kensa tests. */
  protocol: '1' | '3'
  /** Scheme, host and port under which the platform reaches it; null when there is no manifest to say. */
  origin: string | null
  passwords: readonly string[]
  ssoSalts: readonly string[]
  /** Path of the resources, such as /heroku/resources. */
  resourcesPath: string
  ssoPath: string
  /** Whether people reach it by https; cookies are marked so. */
  isSecure: boolean
  /** Names that config may hold; null when there is no manifest to say. */
  configVars: readonly string[] | null
  /** Names of plans; null when there is no manifest to say. */
  plans: readonly string[] | null
}

/** The short form, for a provider that keeps no manifest at hand. */
export interface ServiceIdentity {
  id: string
  password: string
  ssoSalt: string
}

/**
 * @param manifest as pushed, of any generation
 * @throws Error naming everything that is missing
 */
export function serviceOf(manifest: unknown): Service {
  const read = readManifest(manifest)
  if ('problems' in read) throw new Error(`The manifest cannot be used. ${read.problems.join(' ')}`)
  const { id, api, plans } = read.manifest
  const base = new URL(api.production.base_url)
  return {
    id,
    protocol: api.version,
    origin: base.origin,
    passwords: [api.password],
    ssoSalts: api.sso_salt ? [api.sso_salt] : [],
    resourcesPath: base.pathname,
    ssoPath: api.production.sso_url ? new URL(api.production.sso_url).pathname : '/heroku/sso',
    isSecure: (api.production.sso_url ?? api.production.base_url).startsWith('https:'),
    configVars: api.config_vars,
    plans: plans.map((plan) => plan.name),
  }
}

export function serviceFromIdentity({ id, password, ssoSalt }: ServiceIdentity): Service {
  return {
    id,
    protocol: '3',
    origin: null,
    passwords: [password],
    ssoSalts: [ssoSalt],
    resourcesPath: '/heroku/resources',
    ssoPath: '/heroku/sso',
    isSecure: false,
    configVars: null,
    plans: null,
  }
}
