import { WireError } from '@mortise/contract/errors'

const ours = /^application\/vnd\.heroku\+json$/i
/** `3`, and `3.sdk` or any other variant. */
const version = /^"?3(\.[a-z0-9-]+)?"?$/i

/**
 * Refuses who asks for another version of the API only. Nothing, a wildcard and other types mean the version there is:
 * curl and browsers say nothing of versions. Source: platform-api, "Versions".
 * @throws WireError 406
 */
export function requireVersion(accept: string | undefined): void {
  const ranges = (accept ?? '').split(',').map((one) => one.split(';').map((part) => part.trim()))
  const wanted = ranges.filter(([type]) => ours.test(type ?? ''))
  if (wanted.length === 0 || wanted.length < ranges.filter(([type]) => type).length) return
  const isServed = wanted.some((parts) => {
    const named = parts.find((part) => /^version\s*=/i.test(part))
    return named === undefined || version.test(named.slice(named.indexOf('=') + 1).trim())
  })
  if (isServed) return
  throw new WireError(
    'not_acceptable',
    'This API has version 3. Send "Accept: application/vnd.heroku+json; version=3".',
  )
}

/** `sdk` in `version=3.sdk`. */
export function variantIn(accept: string | undefined): string | null {
  return /version=3\.([a-z-]+)/.exec(accept ?? '')?.[1] ?? null
}
