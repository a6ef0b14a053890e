import { isIP } from 'node:net'
import { invalid } from '@mortise/contract/errors'
import { addressKind } from '../http/addresses.js'
import { hostOf } from '../http/outbound-guard.js'

/** One address that an app's log lines are sent to. */
export interface Drain {
  id: string
  appId: string
  appName: string
  /** Of an add-on: it goes with that, or when that leaves the app. */
  addon: { id: string; name: string; app: { id: string; name: string } } | null
  /** `d.<uuid>` */
  token: string
  /** Null: its provider has told none yet, and nothing is sent. */
  sealed: Buffer | null
  createdAt: Date
  updatedAt: Date
}

/** Drains of one app, whoever made them. Each costs a copy of every line. */
export const drainsMax = 20
export const urlCharsMax = 2048

/** What a drain's address is sealed under. */
export const drainContext = (id: string) => `log_drains:${id}:1`

const schemes = ['https:', 'http:', 'syslog:', 'syslog+tls:']

/**
 * The address as it is kept. Where it really leads is judged again at each connection; here is said early what could
 * never work.
 * @param isAtHome only this machine's people can reach the platform, so its loopback may be meant
 * @throws WireError 422
 */
export function checkDrainUrl(given: string, isAtHome: boolean): string {
  const url = given.length <= urlCharsMax && URL.canParse(given.trim()) ? new URL(given.trim()) : null
  if (!url || !schemes.includes(url.protocol) || url.hostname === '') {
    throw invalid(
      'A drain\'s "url" is like https://user:password@example.com/logs, syslog+tls://example.com:6514 or syslog://example.com:514.',
    )
  }
  const host = hostOf(url)
  const isLoopback = host === 'localhost' || (isIP(host) !== 0 && addressKind(host) === 'loopback')
  if (isLoopback && isAtHome) return url.href
  if (isLoopback || (isIP(host) !== 0 && addressKind(host) !== 'public')) {
    throw invalid(`Logs are not sent to ${host}: it is no public address.`)
  }
  if (url.protocol === 'http:' && !isAtHome) {
    throw invalid('Logs are not sent over plain http. Use https, or syslog+tls.')
  }
  return url.href
}

/** The same for an address that a provider gives with an answer: null where it can't be used. */
export function drainUrlOf(given: string, isAtHome: boolean): string | null {
  try {
    return checkDrainUrl(given, isAtHome)
  } catch {
    return null
  }
}

/** Scheme, host and port: what may be shown to whoever must not learn the password in it. */
export function safeUrl(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}/`
}
