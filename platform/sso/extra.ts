import { isReservedSsoKey, ssoExtraKeysMax, ssoExtraValueBytesMax } from '@mortise/contract/partner-api/sso'

/** Bytes of an extra key's name. */
const nameBytesMax = 100

/**
 * A deep link's own keys, which are forwarded to the provider. Keys that would stand in for something the platform
 * vouches for are left out. Of a key that comes twice the first counts. Source: RULES.md, section 8.2.
 * @returns a sentence when there is too much of it
 */
export function readExtra(query: URLSearchParams): Map<string, string> | { problem: string } {
  const extra = new Map<string, string>()
  for (const [name, value] of query) {
    if (name === '' || isReservedSsoKey(name) || extra.has(name)) continue
    if (Buffer.byteLength(name) > nameBytesMax || Buffer.byteLength(value) > ssoExtraValueBytesMax) {
      return { problem: `This link carries a value that is longer than ${ssoExtraValueBytesMax} bytes.` }
    }
    extra.set(name, value)
    if (extra.size > ssoExtraKeysMax) return { problem: `This link carries more than ${ssoExtraKeysMax} values.` }
  }
  return extra
}
