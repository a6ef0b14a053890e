import { isConfigName, isReservedConfigName } from '@mortise/contract/manifest/config-limits'
import { isFields } from '@mortise/contract/manifest/fields'
import { type Check, fail, pass, Skipped, type Verdict, warn } from './check.js'
import { type Exchange, fieldsOf, isOk } from './exchange.js'
import type { Inspection } from './inspection.js'
import { isLoopback } from './send.js'

/** The config of the first resource, once it is ready, and the answer that brought it. */
async function configOf(it: Inspection): Promise<{ config: Record<string, unknown>; exchange: Exchange }> {
  const { exchange, addon } = await it.first()
  if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
  if (addon.state === 'provisioning') await it.live()
  const { config } = fieldsOf(exchange)
  return { config: { ...Object.fromEntries(addon.config), ...(isFields(config) ? config : {}) }, exchange }
}

function judge(problems: string[], exchange: Exchange): Verdict {
  return problems.length ? fail(problems.join(' '), exchange) : pass(exchange)
}

const isMap: Check = {
  id: 'provision.config',
  title: 'the config is an object',
  rule: 'If there is a "config", it is an object of names and values.',
  source: 'kensa, is a hash',
  advice: 'Answer "config": {"FAST_DB_URL": "…"}.',
  async run(it) {
    const { exchange } = await it.first()
    if (!isOk(exchange)) throw new Skipped('nothing was provisioned')
    const { config } = fieldsOf(exchange)
    const isGood = config === undefined || config === null || isFields(config)
    return isGood ? pass(exchange) : fail('"config" is not an object.', exchange)
  },
}

const declared: Check = {
  id: 'provision.config-declared',
  title: 'every config var is declared in the manifest',
  rule: 'Names that api.config_vars does not list make the answer invalid: the platform refuses all of it.',
  source: 'kensa, all config keys were previously defined in the manifest',
  advice: 'Add the name to api.config_vars and push the manifest, or leave it out of the answer.',
  async run(it) {
    const { config, exchange } = await configOf(it)
    const known = it.manifest.api.config_vars
    const unknown = Object.keys(config).filter((name) => !known.includes(name))
    return judge(
      unknown.map((name) => `${name} is not in the manifest.`),
      exchange,
    )
  },
}

const complete: Check = {
  id: 'provision.config-complete',
  title: 'every declared config var has a value',
  rule: 'What the manifest declares is normally set when the resource is ready.',
  source: 'kensa, all keys in the manifest are present (a warning there, too)',
  advice: 'Return the missing values, or take the names out of api.config_vars.',
  async run(it) {
    const { config, exchange } = await configOf(it)
    const missing = it.manifest.api.config_vars.filter((name) => !(name in config))
    return missing.length ? warn(`Missing from the config: ${missing.join(', ')}.`, exchange) : pass(exchange)
  },
}

const strings: Check = {
  id: 'provision.config-text',
  title: 'every config value is text',
  rule: 'Config vars become environment variables: numbers, booleans and null are not values.',
  source: 'kensa, all config values are strings',
  advice: 'Write numbers and booleans as text: "5432".',
  async run(it) {
    const { config, exchange } = await configOf(it)
    const others = Object.entries(config).filter(([, value]) => typeof value !== 'string')
    return judge(
      others.map(([name]) => `The value of ${name} is not text.`),
      exchange,
    )
  },
}

const names: Check = {
  id: 'provision.config-names',
  title: 'no config var steers programs',
  rule: "Names such as LD_PRELOAD, NODE_OPTIONS or PATH would run code in the customer's dynos; no add-on may set them.",
  source: 'Mortise, reserved config vars',
  advice: 'Choose names that begin with the prefix of your service.',
  async run(it) {
    const { config, exchange } = await configOf(it)
    const bad = Object.keys(config).filter((name) => !isConfigName(name) || isReservedConfigName(name))
    return judge(
      bad.map((name) => `${JSON.stringify(name.slice(0, 60))} may not be set.`),
      exchange,
    )
  },
}

const urls: Check = {
  id: 'provision.config-urls',
  title: 'config vars that end in _URL hold addresses',
  rule: "A *_URL has a scheme and a host; in production the host is not the customer's own machine.",
  source: 'kensa, URL config vars',
  advice: 'Write scheme://user:password@host:port/name, with a host that apps can reach.',
  async run(it) {
    const { config, exchange } = await configOf(it)
    const all = Object.entries(config).filter(([name, value]) => name.endsWith('_URL') && typeof value === 'string')
    if (all.length === 0) throw new Skipped('no config var ends in _URL')
    const problems = all.map(([name, value]) => urlProblem(name, String(value), it.isProduction)).filter((text) => text)
    return judge(problems as string[], exchange)
  },
}

/** The parts by hand: addresses of clusters name several hosts, which a URL parser refuses. Never repeats the value. */
function urlProblem(name: string, value: string, isProduction: boolean): string | null {
  if (/\s/.test(value)) return `${name} is not a valid address.`
  const [, scheme, authority] = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?/i.exec(value) ?? []
  if (!scheme) return `${name} has no scheme.`
  const host = authority?.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')
  if (!host) return `${name} has no host.`
  return isProduction && isLoopback(host) ? `${name} points to this machine.` : null
}

/** What is looked at in the config of a resource. The values themselves are in no report. */
export const configChecks: readonly Check[] = [isMap, declared, complete, strings, names, urls]
