import fs from 'node:fs'
import path from 'node:path'
import { passwordProblem } from '../accounts/account.js'
import type { OperatorWishes } from '../accounts/operator.js'
import { addressKind } from '../http/addresses.js'
import { networkProblem } from '../http/proxies.js'
import type { Role } from '../processes/process.js'
import { StartFailed } from './failure.js'
import { isAtHome } from './options.js'

/** What is looked at before a start; a part that is left out is as usual. */
export interface Combination {
  role?: Role
  host?: string | null
  url?: string | null
  trustAllApps?: boolean
  allowHttp?: boolean
  trustedProxies?: readonly string[]
  databaseUrl?: string | null
  masterKeys?: string | null
  dataDir?: string
  operator?: OperatorWishes
}

/** An API key that can be tried out over a network must be longer than one at home. */
export const apiKeyCharsOutside = 20

/** What everybody tries first. Only those that are long enough to be taken at all. */
const knownPasswords = new Set(['changeme123', 'password12', 'password123', 'password1234', '1234567890', 'qwertyuiop'])

/**
 * What would let strangers in, or lose everything one day, although each setting by itself is fine.
 * @throws StartFailed with the sentence that says what to do instead
 */
export function refuseUnsafe(given: Combination): void {
  for (const problemOf of problems) {
    const sentence = problemOf(given)
    if (sentence) throw new StartFailed(sentence)
  }
}

const isHome = ({ host = null, url = null }: Combination) => isAtHome({ host, url })
const isHttps = ({ url }: Combination) => url?.startsWith('https:') ?? false
const listensOutside = ({ host = null }: Combination) => host !== null && addressKind(host) !== 'loopback'
const runsApps = ({ role = 'all' }: Combination) => role === 'all'

const problems: ((given: Combination) => string | null)[] = [
  // Here apps are told apart by nothing but one account of the operating system: for people who trust each other.
  (given) =>
    runsApps(given) && !isHome(given) && !given.trustAllApps
      ? 'Others than this machine can reach the platform, and apps are told apart by nothing but one account. Pass --trust-all-apps if you trust everyone who may deploy.'
      : null,

  (given) => {
    const problem = (given.trustedProxies ?? []).map(networkProblem).find(Boolean)
    return problem ? `--trusted-proxy ${problem}` : null
  },

  (given) =>
    runsApps(given) && !isHome(given) && !isHttps(given) && !given.allowHttp
      ? 'Passwords, tokens and config vars would cross the network readable for everybody on the way, and no browser could sign in. Put a proxy with TLS in front and tell the address with --url https://..., or pass --allow-http if the network is yours alone.'
      : null,

  // A worker shows nothing but its health.
  (given) =>
    given.role !== 'worker' && listensOutside(given) && !given.trustedProxies?.length && !given.allowHttp
      ? `The port would take plain http from other machines at ${given.host}. Listen on this machine only (leave out --host) behind a proxy with TLS, or name a proxy elsewhere with --trusted-proxy, or pass --allow-http if the network is yours alone.`
      : null,

  ({ operator, ...given }) => {
    const password = operator?.password
    if (!password || isHome(given)) return null
    const isKnown = knownPasswords.has(password.toLowerCase()) || password === operator.email
    const problem = isKnown ? 'Everybody would try this one first.' : passwordProblem(password)
    return problem
      ? `MORTISE_PASSWORD is too weak for a platform that others can reach: ${problem} Choose a longer one, or leave it out and one is made.`
      : null
  },

  ({ operator, ...given }) =>
    operator?.apiKey && operator.apiKey.length < apiKeyCharsOutside && !isHome(given)
      ? `MORTISE_API_KEY is too short for a platform that others can reach. Give at least ${apiKeyCharsOutside} characters, or leave it out and one is made.`
      : null,

  // Whoever loses the folder (a container's, say) would lose every secret in a database that is still there.
  ({ databaseUrl, masterKeys, dataDir }) =>
    databaseUrl &&
    isElsewhere(databaseUrl) &&
    !masterKeys &&
    dataDir &&
    !fs.existsSync(path.join(dataDir, 'master.key'))
      ? `The database is on another machine, and the key to its secrets would be made in ${dataDir} alone: lose the folder, and every secret is lost. Give a key that you keep elsewhere too: MORTISE_MASTER_KEYS="1:$(openssl rand -base64 32)".`
      : null,
]

/** What is allowed and still should be known, in sentences. */
export function cautions(given: Combination): string[] {
  return isHttps(given) && runsApps(given) && !given.trustedProxies?.length
    ? [
        'No proxy is trusted (--trusted-proxy), so every visitor seems to come from the proxy that ends TLS: one who guesses passwords locks out all, and logs name no client.',
      ]
    : []
}

/** Whether a database is on another machine; a name that only looks local is one. */
export function isElsewhere(databaseUrl: string): boolean {
  try {
    const url = new URL(databaseUrl)
    const host = (url.searchParams.get('host') ?? decodeURIComponent(url.hostname)).replace(/^\[|\]$/g, '')
    return host !== '' && !host.startsWith('/') && host !== 'localhost' && addressKind(host) !== 'loopback'
  } catch {
    // `postgres://user:password@/name` is no URL for the platform's parser, and means a socket of this machine.
    return false
  }
}
