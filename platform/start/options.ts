import { isIP } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type QuotaName, quotaNames } from '@mortise/contract/platform-api/quotas'
import type { OperatorWishes } from '../accounts/operator.js'
import { addressKind } from '../http/addresses.js'
import { readWaits, type Waits } from '../lifecycle/waits.js'
import { type Role, roles } from '../processes/process.js'
import { type Kept, type KeptName, keptNames } from '../retention/retention.js'
import { StartFailed } from './failure.js'

/** What was asked for on the command line and in the environment; flags win. */
export interface ServerOptions {
  role: Role
  /** `HOST:PORT` at which other processes of this installation reach this one; null: as it listens. */
  peerAddress: string | null
  port: number
  /** Null: both loopback addresses, which is what `localhost` may mean. */
  host: string | null
  dataDir: string
  databaseUrl: string | null
  /** The address people use when it is not `http://localhost:PORT`, without a path. */
  url: string | null
  /** Apps are `<name>.<appsDomain>`; null for `localhost`, or `apps.` before the host of `url`. */
  appsDomain: string | null
  /** Hosts of providers that may have private addresses or speak plain http. */
  providerHosts: string[]
  trustAllApps: boolean
  /** Others may reach it although nothing is encrypted. */
  allowHttp: boolean
  /** Addresses and networks of proxies whose X-Forwarded-* headers are believed. */
  trustedProxies: string[]
  /** Of each account; null counts nobody's. */
  requestsPerHour: number | null
  /** How much each account may have at a time; what is not named, as much as it likes. */
  quotas: Partial<Record<QuotaName, number>>
  /** Days that what has ended is kept, where not the standard's. */
  kept: Partial<Kept>
  masterKeys: string | null
  npmRegistry: string | null
  /** Every wait for a provider times this; 1 is what the partner API promises. */
  patience: number
  /** Single ones of them, and the limits of circuits, set otherwise. */
  waits: Waits
  operator: OperatorWishes
}

export const portDefault = 5055

export const usage = `Usage: mortise server [--port P] [--data-dir DIR] [options]

Runs the platform: API, pages, workers and apps on one port. Stop it with Ctrl-C or SIGTERM.
Apps run in one process of role all; others on the same database help it to answer and to work.

  --port P              Port to listen on; 0 takes a free one. Default ${portDefault}. (MORTISE_PORT)
  --data-dir DIR        Where everything is kept. (MORTISE_DATA_DIR)
  --database-url URL    Use this PostgreSQL (15 or newer) instead of the one that comes along. (MORTISE_DATABASE_URL)
  --host H              Address to listen on. Default: loopback only. (MORTISE_LISTEN)
  --url URL             The address people use, such as https://mortise.example.com. (MORTISE_URL)
  --apps-domain D       Apps are reached at NAME.D. (MORTISE_APPS_DOMAIN)
  --provider-host H     Allow a provider at this host to have a private address; may be repeated. (MORTISE_PROVIDER_HOSTS)
  --requests-per-hour N Answer 429 to an account that asks more often. Default: no limit. (MORTISE_REQUESTS_PER_HOUR)
  --quota NAME=N        How many of something an account may have at a time: apps, add-ons, dynos, authorizations,
                        webhooks, domains, builds (under way); may be repeated. Default: no limit. (MORTISE_QUOTAS)
  --keep NAME=DAYS      How long what has ended is kept: events, operations, builds, slugs, tokens, idempotency-keys,
                        deliveries; may be repeated. See docs/operating/server.md. (MORTISE_KEEP)
  --role R              all, api (answers only) or worker (background work only). Default: all. (MORTISE_ROLE)
  --peer-address H:P    Where other processes of this installation reach this one. (MORTISE_PEER_ADDRESS)
  --trusted-proxy CIDR  Believe what a proxy at this address or network says of its clients (X-Forwarded-For, -Proto,
                        -Host); may be repeated. Default: believe nobody. (MORTISE_TRUSTED_PROXIES)
  --trust-all-apps      Run apps as plain processes although others than this machine's people can reach the platform.
                        (MORTISE_TRUST_ALL_APPS=1)
  --allow-http          Let others reach the platform without TLS. (MORTISE_ALLOW_HTTP=1)
  --help, --version

The first start makes the operator's account from MORTISE_EMAIL, MORTISE_PASSWORD and MORTISE_API_KEY, or makes them
up and writes them to DIR/credentials.json. Builds install from MORTISE_NPM_REGISTRY, or from npm's own setting.
MORTISE_PATIENCE=0.1 waits a tenth as long for providers (answers, second tries, removals): for trials.
MORTISE_WAITS="answerMs=15000 failuresMax=3" sets single ones: see docs/operating/server.md.
`

/** @throws StartFailed with exit code 2 and one sentence */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): ServerOptions | 'help' | 'version' {
  const { values } = parse(args)
  if (values.help) return 'help'
  if (values.version) return 'version'
  const url = origin(values.url ?? env['MORTISE_URL'])
  const host = values.host ?? filled(env['MORTISE_LISTEN'])
  const providerHosts = values['provider-host'] ?? (env['MORTISE_PROVIDER_HOSTS'] ?? '').split(/[\s,]+/)
  const trustedProxies = values['trusted-proxy'] ?? (env['MORTISE_TRUSTED_PROXIES'] ?? '').split(/[\s,]+/)
  const role = roleOf(values.role ?? filled(env['MORTISE_ROLE']))
  return {
    role,
    peerAddress: peerAddress(values['peer-address'] ?? filled(env['MORTISE_PEER_ADDRESS'])),
    // A worker only tells how it is, so it takes any port unless it is given one.
    port: port(values.port ?? filled(env['MORTISE_PORT']), role === 'worker' ? 0 : portDefault),
    host: host === null || host === 'localhost' ? null : listenAddress(host),
    dataDir: dataDirIn(values['data-dir'], env),
    databaseUrl: databaseUrl(values['database-url'] ?? filled(env['MORTISE_DATABASE_URL'])),
    url,
    appsDomain: domain(values['apps-domain'] ?? filled(env['MORTISE_APPS_DOMAIN'])),
    providerHosts: providerHosts.filter(Boolean),
    trustAllApps: values['trust-all-apps'] ?? isOn(env['MORTISE_TRUST_ALL_APPS']),
    allowHttp: values['allow-http'] ?? isOn(env['MORTISE_ALLOW_HTTP']),
    trustedProxies: trustedProxies.filter(Boolean),
    requestsPerHour: count(values['requests-per-hour'] ?? filled(env['MORTISE_REQUESTS_PER_HOUR'])),
    quotas: quotasIn((values.quota ?? (env['MORTISE_QUOTAS'] ?? '').split(/[\s,]+/)).filter(Boolean)),
    kept: keptIn((values.keep ?? (env['MORTISE_KEEP'] ?? '').split(/[\s,]+/)).filter(Boolean)),
    masterKeys: filled(env['MORTISE_MASTER_KEYS']),
    npmRegistry: filled(env['MORTISE_NPM_REGISTRY']) ?? filled(env['npm_config_registry']),
    patience: patience(filled(env['MORTISE_PATIENCE'])),
    waits: waits((env['MORTISE_WAITS'] ?? '').split(/[\s,]+/).filter(Boolean)),
    operator: {
      email: env['MORTISE_EMAIL'] || undefined,
      password: env['MORTISE_PASSWORD'],
      apiKey: env['MORTISE_API_KEY'] || undefined,
    },
  }
}

/** Whether only this machine can reach the platform: then providers may be on loopback and apps trust each other. */
export function isAtHome(options: Pick<ServerOptions, 'host' | 'url'>): boolean {
  const listensHere = options.host === null || addressKind(options.host) === 'loopback'
  return listensHere && (options.url === null || /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?$/.test(options.url))
}

function parse(args: readonly string[]) {
  const given = args[0] === 'server' ? args.slice(1) : [...args]
  try {
    return parseArgs({
      args: given,
      options: {
        port: { type: 'string' },
        'data-dir': { type: 'string' },
        'database-url': { type: 'string' },
        host: { type: 'string' },
        url: { type: 'string' },
        'apps-domain': { type: 'string' },
        'provider-host': { type: 'string', multiple: true },
        'trust-all-apps': { type: 'boolean' },
        'allow-http': { type: 'boolean' },
        'trusted-proxy': { type: 'string', multiple: true },
        'requests-per-hour': { type: 'string' },
        keep: { type: 'string', multiple: true },
        quota: { type: 'string', multiple: true },
        role: { type: 'string' },
        'peer-address': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
  } catch (error) {
    // Node adds a second sentence about `--` that helps nobody here.
    const reason = (error as Error).message.split('. ')[0]
    throw wrong(`${reason}.`)
  }
}

const wrong = (sentence: string) => new StartFailed(`${sentence} See: mortise server --help`, 2)

const isOn = (text: string | undefined) => text === '1' || text === 'true'

const filled = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text)

function roleOf(text: string | null): Role {
  if (text === null) return 'all'
  const role = roles.find((one) => one === text)
  if (!role) throw wrong(`--role is one of ${roles.join(', ')}, not "${text}".`)
  return role
}

function peerAddress(text: string | null): string | null {
  if (text === null || /^(\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):\d{1,5}$/.test(text)) return text
  throw wrong(`--peer-address takes HOST:PORT, not "${text}".`)
}

function port(text: string | null, usual: number): number {
  if (text === null) return usual
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number > 65_535) throw wrong(`"${text}" is not a port. Choose one from 0 to 65535.`)
  return number
}

function patience(text: string | null): number {
  if (text === null) return 1
  const factor = Number(text)
  if (!(factor >= 0.01 && factor <= 10)) throw wrong(`MORTISE_PATIENCE is a factor from 0.01 to 10, not "${text}".`)
  return factor
}

function waits(words: readonly string[]): Waits {
  const read = readWaits(words)
  if ('problem' in read) throw wrong(`MORTISE_WAITS ${read.problem}.`)
  return read
}

function count(text: string | null): number | null {
  if (text === null) return null
  if (!/^[1-9]\d{0,8}$/.test(text)) throw wrong(`--requests-per-hour takes a whole number from 1, not "${text}".`)
  return Number(text)
}

function keptIn(texts: readonly string[]): Partial<Kept> {
  const kept: Partial<Record<KeptName, number>> = {}
  for (const text of texts) {
    const [, given = '', days] = /^([a-z-]+)=([1-9]\d{0,4})$/.exec(text) ?? []
    const name = keptNames.find((one) => one === given)
    if (!name || days === undefined)
      throw wrong(`--keep takes NAME=DAYS with one of ${keptNames.join(', ')}, not "${text}".`)
    kept[name] = Number(days)
  }
  return kept
}

function quotasIn(texts: readonly string[]): Partial<Record<QuotaName, number>> {
  const quotas: Partial<Record<QuotaName, number>> = {}
  for (const text of texts) {
    const [, given = '', most] = /^([a-z-]+)=(\d{1,6})$/.exec(text) ?? []
    const name = quotaNames.find((one) => one === given)
    if (!name || most === undefined)
      throw wrong(`--quota takes NAME=N with one of ${quotaNames.join(', ')}, not "${text}".`)
    quotas[name] = Number(most)
  }
  return quotas
}

function listenAddress(text: string): string {
  const address = text.replace(/^\[|\]$/g, '')
  if (!isIP(address)) throw wrong(`--host takes an IP address of this machine or localhost, not "${text}".`)
  return address
}

function origin(text: string | undefined): string | null {
  if (!text) return null
  try {
    const url = new URL(text)
    if (/^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username) return url.origin
  } catch {
    // Said below: one sentence for everything that is not such an address.
  }
  throw wrong(`--url takes an address without a path, such as https://mortise.example.com, not "${text}".`)
}

function domain(text: string | null): string | null {
  if (text === null) return null
  const name = text.toLowerCase().replace(/^\*?\./, '')
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(name)) throw wrong(`"${text}" is not a domain such as apps.example.com.`)
  return name
}

export function databaseUrl(text: string | null): string | null {
  if (text === null) return null
  // Not repeated in the sentence: it holds a password.
  if (!/^postgres(ql)?:\/\//.test(text)) throw wrong('--database-url takes an address that begins with postgres://.')
  return text
}

/** Where everything is kept, as an absolute path. */
export function dataDirIn(given: string | undefined, env: NodeJS.ProcessEnv): string {
  return path.resolve(given ?? filled(env['MORTISE_DATA_DIR']) ?? dataDirDefault(env))
}

function dataDirDefault(env: NodeJS.ProcessEnv): string {
  // As root other accounts must get in, and root's home is closed to them.
  if (process.getuid?.() === 0) return '/var/lib/mortise/data'
  return path.join(filled(env['XDG_DATA_HOME']) ?? path.join(os.homedir(), '.local', 'share'), 'mortise')
}
