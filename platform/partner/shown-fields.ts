import { isUuid } from '@mortise/contract/identity'
import { looksSecret } from './safe-words.js'

/**
 * What of a body may stand in a log: an allow-list. A value is shown where its name is listed here and it has the form that
 * is listed for it; a name is shown that the contract knows. Everything else is told by its type and length, also what nobody
 * has thought of yet. Left out on purpose: e-mails and people's names, which no log of requests needs; options, config
 * values, tokens, codes, and every address with something in it beside host and path.
 */

/** Where a value stands: its own name, and that of what it is in. A list's entries have the list's name. */
export interface Place {
  name: string
  within: string
  /** Inside something that is not shown, however deep. */
  isClosed: boolean
}

export const top: Place = { name: '', within: '', isClosed: false }

/** Names of which everything beneath is somebody's own. */
const own = new Set(['config', 'options'])

export function placeIn(place: Place, name: string): Place {
  const isOpen = place.name === '' || (known.has(place.name) && !own.has(place.within))
  return { name, within: place.name, isClosed: place.isClosed || !isOpen }
}

const isText = (value: unknown): value is string => typeof value === 'string'
/** Words of ours and of the contract: `provisioned`, `authorization_code`, `Bearer`. */
const word = (value: unknown) => isText(value) && /^[A-Za-z][A-Za-z_-]{0,39}$/.test(value) && !looksSecret(value)
/** Names as people type them, of plans with the service's before a colon. */
const slug = (value: unknown) => isText(value) && /^[A-Za-z0-9][\w:-]{0,99}$/.test(value) && !looksSecret(value)
/** A provider's own id, which the platform keeps in the open, may be any word; of what stands deeper not everything that is called so is one. */
const id = (value: unknown, within: string) =>
  isNumber(value) ||
  (isText(value) &&
    (isUuid(value) ||
      /^app\d+@heroku\.com$/.test(value) ||
      (/^[\w.:-]{1,64}$/.test(value) && (within === '' || !looksSecret(value)))))
const isNumber = (value: unknown) => typeof value === 'number'
const date = (value: unknown) =>
  isText(value) && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(value)
const region = (value: unknown) => isText(value) && /^[a-z][a-z-]*(::[a-z]{2}-[a-z]+-\d)?$/.test(value)
/** An address without name, password, query or fragment, whose path has nothing in it that could be a key. */
const plainAddress = (value: unknown) =>
  isText(value) && value.length <= 300 && /^https?:\/\/[\w.:[\]-]+(\/(vendor\/apps|addons)\/[\w%.-]+)?\/?$/.test(value)

const forms: Record<string, (value: unknown, within: string) => boolean> = {
  id,
  uuid: id,
  heroku_id: id,
  provider_id: id,
  resource_id: id,
  name: slug,
  plan: slug,
  unit: word,
  region,
  state: word,
  status: word,
  type: word,
  token_type: word,
  grant_type: word,
  role: word,
  callback_url: plainAddress,
  created_at: date,
  updated_at: date,
  expires_at: date,
  timestamp: date,
  expires_in: isNumber,
  cents: isNumber,
  quantity: isNumber,
}

/** A provider's or our words to people: shown with what looks like a secret taken out. */
const wordy = new Set(['message', 'provision_message', 'error', 'errors'])

/** Whose fields are a person's, or an add-on's values under names of its own. */
const people = new Set(['user', 'owner', 'actor', 'collaborator'])

export type Showing = 'as it is' | 'as words' | 'not'

/** How the value may be shown there. True, false and null say nothing that anybody could use. */
export function showing(value: unknown, { name, within, isClosed }: Place): Showing {
  if (typeof value === 'boolean' || value === null) return 'as it is'
  if (isClosed) return 'not'
  // The platform's list of config: [{name, value}].
  if (own.has(within)) return within === 'config' && name === 'name' && isConfigName(value) ? 'as it is' : 'not'
  if (name === 'config_vars') return isConfigName(value) ? 'as it is' : 'not'
  if (wordy.has(name)) return isText(value) ? 'as words' : 'not'
  if (people.has(within) && name !== 'id') return 'not'
  return Object.hasOwn(forms, name) && forms[name]?.(value, within) ? 'as it is' : 'not'
}

/**
 * Names of config vars: capitals in words, with a short number at most behind one. A name is no value; what looks like a key
 * that somebody wrote in its place (`AKIA4EXAMPLE5…`) is none.
 */
function isConfigName(value: unknown): boolean {
  return (
    isText(value) &&
    value.length <= 100 &&
    value.split('_').every((part) => /^[A-Z]{0,16}\d{0,3}$/.test(part)) &&
    /^[A-Z]/.test(value)
  )
}

/** Names of the partner API, of the token endpoint and of what the platform tells providers. */
const known = new Set([
  ...Object.keys(forms),
  ...wordy,
  ...people,
  ...`
    access_token actions addon addon_service app apps attachment authorization billed_price billing_entity client client_id
    client_secret code config config_vars contract data default domains drain email error_description expires human_name
    include level log_drain_token log_drain_url log_input_url logplex_token nonce number oauth_grant options owner_email
    params password plans price previous_data redirect_uri refresh_token region resource scope secret session session_nonce
    stack syslog_drain_url team token unit url usages user_id value version web_url webhook
    hostname kind cname acm_status git_url archived_at released_at buildpack_provided_description build_stack maintenance
    repo_size slug_size space organization internal_routing generation supports_sharing namespace addon_webhook
  `
    .trim()
    .split(/\s+/),
])

export const isContractName = (name: string) => known.has(name)

/** Whether a name may be shown in there that is a config var's, or one of those that were declared, such as a manifest's options. */
export function isOwnName(name: string, inside: Place, declared: ReadonlySet<string>): boolean {
  if (inside.isClosed || own.has(inside.within)) return false
  return declared.has(name) || (inside.name === 'config' && isConfigName(name))
}
