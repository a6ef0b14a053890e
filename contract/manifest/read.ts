import { type Fields, isFields, textOf } from './fields.js'
import { type Manifest, type ManifestEndpoint, prefixOf } from './manifest.js'
import { plainText } from './plain-text.js'
import { readPlans } from './read-plans.js'

export { checkForPush } from './check.js'
export { configPrefix, type Manifest, type ManifestPlan, testPlan } from './manifest.js'

export type ReadManifest = { manifest: Manifest; warnings: string[] } | { problems: string[] }

/**
 * Reads a manifest of any generation (2010, kensa, v3) as leniently as manifests in the wild need, and gives one
 * shape. Each thing that was bent is a warning; what cannot be guessed (who, where, the password) is a problem.
 * Reading the result again gives the same result without warnings. Whether it may be *published* is `checkForPush`'s.
 */
export function readManifest(input: unknown): ReadManifest {
  if (!isFields(input)) return { problems: ['The manifest must be a JSON object with "id" and "api".'] }
  const problems: string[] = []
  const warnings: string[] = []
  const warn = (text: string) => void warnings.push(text)

  const id = textOf(input.id)
  if (!id) problems.push('"id" is missing: write the name that customers will type, such as "fast-db".')
  const api = isFields(input.api) ? input.api : undefined
  if (!api) problems.push('"api" is missing: it holds the password, the config vars and the address of the service.')
  if (!id || !api) return { problems }

  const password = textOf(api.password)
  if (!password) problems.push('"api.password" is missing: the platform signs its calls to the provider with it.')
  const production = readEndpoint(api.production, 'api.production', warn)
  if (!production) {
    problems.push(
      '"api.production" is missing: write {"base_url": "https://…/heroku/resources", "sso_url": "https://…/heroku/sso"}.',
    )
  }
  const config_vars = readConfigVars(api.config_vars, problems, warn)
  if (!password || !production || problems.length) return { problems }

  if (api.username !== undefined) warn('"api.username" is ignored: the user of Basic auth is the id.')
  const test = readEndpoint(api.test, 'api.test', warn)
  const manifest: Manifest = {
    id,
    name: plainText(textOf(input.name) ?? id, 200),
    ...readListing(input, warn),
    api: {
      version: readVersion(api.version ?? input.version, warn),
      password,
      sso_salt: textOf(api.sso_salt) ?? '',
      ...(api.sso === 'user_scoped' ? { sso: 'user_scoped' as const } : {}),
      config_vars,
      config_vars_prefix: textOf(api.config_vars_prefix) ?? prefixOf(id),
      regions: readRegions(api.regions, warn),
      requires: readTexts(api.requires, 'api.requires', warn),
      ...(api.lists_resources === true ? { lists_resources: true } : {}),
      production,
      ...(test ? { test } : {}),
    },
    plans: readPlans(input.plans, warn),
  }
  if (api.sso !== undefined && api.sso !== 'user_scoped')
    warn('"api.sso" is ignored: the only word it knows is "user_scoped".')
  if (api.lists_resources !== undefined && typeof api.lists_resources !== 'boolean')
    warn('"api.lists_resources" is ignored: it is true or false.')
  if (!manifest.api.sso_salt) warn('"api.sso_salt" is missing: single sign-on is off until there is one.')
  return { manifest, warnings }
}

/** Heroku's own optional fields and ours, all for the marketplace. */
function readListing(input: Fields, warn: (text: string) => void): Partial<Manifest> {
  const listing: Partial<Manifest> = {}
  if (typeof input.$base === 'string' || Number.isInteger(input.$base)) listing.$base = input.$base as string | number
  for (const key of ['cli_plugin_name', 'description', 'icon', 'docs_url', 'support_url'] as const) {
    const text = textOf(input[key])
    if (text) listing[key] = plainText(text)
  }
  if (input.categories !== undefined) {
    listing.categories = readTexts(input.categories, 'categories', warn).map((text) => plainText(text, 60))
  }
  if (isFields(input.options)) listing.options = input.options
  else if (input.options !== undefined && input.options !== null)
    warn('"options" is ignored: it must be a JSON Schema object.')
  return listing
}

function readVersion(value: unknown, warn: (text: string) => void): '1' | '3' {
  // Manifests of before 2018 have no such field, and their providers know a resource by the id they gave it: asked by
  // our uuid they find nothing, and answer a removal with 404, which means gone. Whatever writes manifests of version 3
  // writes the field; and of a provider that answers with our uuid as its id, both versions ask the same.
  if (value === undefined || value === null) {
    warn('"api.version" is missing, as in manifests of before 2018, and is read as "1". Write "3" for the newer wire.')
    return '1'
  }
  const text = String(value)
  if (text === '3') return '3'
  if (text === '1' || text === '2') return '1'
  warn(`"api.version" ${JSON.stringify(text).slice(0, 20)} is not known and is read as "3".`)
  return '3'
}

function readRegions(value: unknown, warn: (text: string) => void): string[] {
  const regions = readTexts(value, 'api.regions', warn)
  if (regions.length) return regions
  warn('"api.regions" is missing and is read as ["*"]: every region.')
  return ['*']
}

function readConfigVars(value: unknown, problems: string[], warn: (text: string) => void): string[] {
  if (value === undefined || value === null) {
    warn('"api.config_vars" is missing: the service can set no config vars.')
    return []
  }
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return [...new Set<string>(value)]
  problems.push('"api.config_vars" must be a list of names, such as ["FAST_DB_URL"].')
  return []
}

function readTexts(value: unknown, field: string, warn: (text: string) => void): string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) {
    warn(`"${field}" is ignored: it must be a list of words.`)
    return []
  }
  return [...new Set(value.map(textOf).filter((text) => text !== undefined))]
}

function readEndpoint(value: unknown, field: string, warn: (text: string) => void): ManifestEndpoint | undefined {
  const inObject = isFields(value)
  const root = textOf(inObject ? value.base_url : value)
  if (!root) return undefined
  const base_url = withResourcesPath(withScheme(root, `${field}.base_url`, warn))
  if (!inObject) return { base_url, sso_method: 'get' }
  const sso = textOf(value.sso_url)
  if (sso) return { base_url, sso_url: withScheme(sso, `${field}.sso_url`, warn), sso_method: 'post' }
  return { base_url, sso_method: value.sso_method === 'get' ? 'get' : 'none' }
}

function withScheme(url: string, field: string, warn: (text: string) => void): string {
  if (/^https?:\/\//i.test(url)) return url
  warn(`"${field}" has no scheme and is read with https.`)
  return `https://${url.replace(/^\/+/, '')}`
}

/**
 * Heroku appends the path when it is missing; manifests rely on it. Source: Dev Center, manifest (2014).
 * Providers of marketplaces that took over the contract say `/modulus/resources` and the like: that is taken as it is.
 */
function withResourcesPath(url: string): string {
  const bare = url.replace(/\/+$/, '')
  return bare.endsWith('/resources') ? bare : `${bare}/heroku/resources`
}
