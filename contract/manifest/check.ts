import { isConfigName } from './config-limits.js'
import { configPrefix, knownRegions, type Manifest, planActionsMax, requirements } from './manifest.js'
import { checkOptions } from './options.js'
import { isReservedConfigName, isReservedPrefix, isReservedSlug } from './reserved.js'
import { isSlug } from './slug.js'

export interface PushRules {
  /** Whether plain http may be used to this host. By default: this machine only. */
  isPlainHttpAllowed?(host: string): boolean
  /** Region words of this installation, beside Heroku's. */
  regions?: readonly string[]
  /** On one's own machine short secrets and an id that says "addon" harm nobody. */
  localhost?: boolean
}

/**
 * What keeps a manifest from being published: one sentence each, saying what to write instead. Empty when fine.
 * Who may push a slug, and whether its address is reachable, is the platform's to decide.
 */
export function checkForPush(manifest: Manifest, rules: PushRules = {}): string[] {
  return [
    ...slugProblems(manifest),
    ...(rules.localhost ? [] : publicSlugProblems(manifest)),
    ...(rules.localhost ? [] : secretProblems(manifest)),
    ...addressProblems(manifest, rules.isPlainHttpAllowed ?? isLoopback),
    ...configProblems(manifest),
    ...wordProblems(manifest, rules.regions ?? []),
    ...planProblems(manifest),
    ...actionProblems(manifest),
    ...planRegionProblems(manifest),
    ...linkProblems(manifest),
  ]
}

function* slugProblems({ id, name }: Manifest): Generator<string> {
  if (!isSlug(id)) {
    yield `"id" must be 2 to 40 lower-case letters, digits and single hyphens, beginning with a letter: write "fast-db", not "${shown(id)}".`
  }
  if (isReservedSlug(id)) yield '"id" may not begin with "heroku": customers would take the service for Heroku\'s.'
  if (!name) yield '"name" is missing: write the name that the marketplace shows.'
}

function* publicSlugProblems({ id }: Manifest): Generator<string> {
  if (/add-?on/i.test(id)) yield '"id" may not contain "addon" or "add-on": every service here is one.'
}

function* secretProblems({ api }: Manifest): Generator<string> {
  if (api.password.length < 16) yield '"api.password" is too short: use at least 16 random characters.'
  if (api.production.sso_method === 'none') return
  if (api.sso_salt.length < 16) yield '"api.sso_salt" is missing or too short: use at least 16 random characters.'
  else if (api.sso_salt === api.password)
    yield '"api.sso_salt" must differ from "api.password": one leak should not be two.'
}

function* addressProblems({ api }: Manifest, isPlainHttpAllowed: (host: string) => boolean): Generator<string> {
  for (const field of ['base_url', 'sso_url'] as const) {
    const text = api.production[field]
    if (text === undefined) continue
    const url = URL.canParse(text) ? new URL(text) : null
    if (!url) yield `"api.production.${field}" is no URL: write "https://provider.example.com/heroku/…".`
    else if (url.username || url.password) yield `"api.production.${field}" may not hold a user or a password.`
    else if (url.protocol !== 'https:' && !isPlainHttpAllowed(url.hostname)) {
      yield `"api.production.${field}" must begin with https:// (plain http is for this machine only).`
    }
  }
  if (api.sso === 'user_scoped' && api.production.sso_method !== 'post') {
    yield '"api.sso" is "user_scoped", which needs "api.production.sso_url".'
  }
}

function* configProblems(manifest: Manifest): Generator<string> {
  const prefix = configPrefix(manifest)
  if (!isConfigName(prefix)) {
    yield `"api.config_vars_prefix" must be capital letters, digits and underscores: write "FAST_DB", not "${shown(prefix)}".`
  } else if (isReservedPrefix(prefix)) {
    yield `The prefix ${prefix} would set names that steer programs: choose another "api.config_vars_prefix".`
  }
  for (const name of manifest.api.config_vars) {
    if (!isConfigName(name)) {
      yield `The config var "${shown(name)}" must be capital letters, digits and underscores, such as ${prefix}_URL.`
    } else if (isReservedConfigName(name)) {
      yield `The config var ${name} is reserved: it would steer programs in the customer's dynos.`
    } else if (name !== prefix && !name.startsWith(`${prefix}_`)) {
      yield `The config var ${name} must begin with ${prefix}_, or set "api.config_vars_prefix" to what it begins with.`
    }
  }
}

function* wordProblems({ api }: Manifest, regions: readonly string[]): Generator<string> {
  for (const word of api.requires) {
    if (!(requirements as readonly string[]).includes(word)) {
      yield `"api.requires" knows ${requirements.join(', ')}; it does not know "${shown(word)}".`
    }
  }
  for (const region of api.regions) {
    if (!(knownRegions as readonly string[]).includes(region) && !regions.includes(region)) {
      yield `"api.regions" does not know "${shown(region)}": write "*" for every region, or some of ${knownRegions.slice(1).join(', ')}.`
    }
  }
}

function* actionProblems({ plans }: Manifest): Generator<string> {
  for (const { name, actions = [] } of plans) {
    if (actions.length > planActionsMax) yield `The plan ${shown(name)} has more than ${planActionsMax} actions.`
    const names = actions.flatMap(({ action }) => action ?? [])
    if (new Set(names).size !== names.length) yield `The plan ${shown(name)} has two actions of one name.`
    for (const { action, url } of actions) {
      if (action !== undefined && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(action)) {
        yield `The action "${shown(action)}" of the plan ${shown(name)} must be letters, digits, dots, hyphens and underscores, such as "backup".`
      }
      if (url !== undefined && !(URL.canParse(url) && new URL(url).protocol === 'https:')) {
        yield `The "url" of an action of the plan ${shown(name)} must be a link that begins with https://.`
      }
    }
  }
}

function* planRegionProblems({ api, plans }: Manifest): Generator<string> {
  if (api.regions.includes('*')) return
  for (const { name, regions = [] } of plans) {
    const elsewhere = regions.filter((region) => !api.regions.includes(region))
    if (elsewhere.length) {
      yield `The plan ${shown(name)} is sold in ${elsewhere.map(shown).join(', ')}, where the service is not: write that into "api.regions" too, or leave it out.`
    }
  }
}

function* planProblems({ plans }: Manifest): Generator<string> {
  for (const { name, price } of plans) {
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
      yield `The plan "${shown(name)}" must be lower-case letters, digits and hyphens, such as "standard-0".`
    }
    if (price.cents > 100_000_000)
      yield `The plan ${shown(name)} costs over a million dollars a month: "cents" are cents.`
  }
  const usual = plans.find((plan) => plan.default)
  const open = plans.find((plan) => plan.state === 'public' || plan.state === 'hidden')
  // A service may end with all of its plans; while one is open, a name without a plan must lead to it.
  if (usual && open && (usual.state === 'deprecated' || usual.state === 'invite_only')) {
    yield `The default plan ${shown(usual.name)} is ${usual.state}, so most people could not order the service by its name: write "default": true on another plan, such as ${shown(open.name)}.`
  }
  if (plans.filter((plan) => plan.default).length !== 1) yield 'Exactly one plan must have "default": true.'
}

function* linkProblems(manifest: Manifest): Generator<string> {
  for (const field of ['icon', 'docs_url', 'support_url'] as const) {
    const link = manifest[field]
    const isMail = field === 'support_url' && link?.startsWith('mailto:')
    if (link && !isMail && !(URL.canParse(link) && new URL(link).protocol === 'https:')) {
      yield `"${field}" must be a link that begins with https://.`
    }
  }
  if (manifest.options) yield* checkOptions(manifest.options)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** What someone wrote, short enough and plain enough to repeat in a sentence. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
}
