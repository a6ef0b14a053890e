import { isFields } from '@mortise/contract/manifest/fields'
import { Failure } from '../failure.js'
import type { Manifest } from '../manifest-file.js'

export interface Rehoused {
  /** As written, but asked for at the tap. */
  contents: Manifest
  /** Where the provider really is. */
  origin: string
  /** Path of the resources. */
  resourcesPath: string
}

/** Whether a host is this machine itself. */
export const isThisMachine = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)

/**
 * The manifest for a platform on this machine: `api.test`, else `api.production`, moved to another origin.
 * @throws Failure when the provider is not on this machine
 */
export function rehouse(manifest: Manifest, at: string): Rehoused {
  const api = isFields(manifest['api']) ? manifest['api'] : {}
  const endpoint = api['test'] ?? api['production']
  const base = typeof endpoint === 'string' ? endpoint : isFields(endpoint) ? endpoint['base_url'] : undefined
  if (typeof base !== 'string' || !URL.canParse(base)) {
    throw new Failure('The manifest does not say where the provider is on this machine.', {
      next: 'Write "test": {"base_url": "http://127.0.0.1:4567/heroku/resources", …} into "api".',
    })
  }
  const { origin, hostname, pathname } = new URL(base)
  if (!isThisMachine(hostname)) {
    throw new Failure(`${origin} is not on this machine.`, {
      next: 'Write into "api.test" of the manifest where your provider listens here.',
    })
  }
  const moved = (url: unknown) => (typeof url === 'string' ? url.replace(/^https?:\/\/[^/?#]+/, at) : url)
  const production = isFields(endpoint)
    ? Object.fromEntries(Object.entries(endpoint).map(([key, value]) => [key, moved(value)]))
    : moved(endpoint)
  const { test: _, ...others } = api
  const { $base: __, ...rest } = manifest
  // What the reader adds to a bare address. Source: Dev Center, Add-on Manifest (2014).
  const resourcesPath = pathname.includes('/heroku/resources') ? pathname.replace(/\/$/, '') : '/heroku/resources'
  return { contents: { ...rest, api: { ...others, production } }, origin, resourcesPath }
}
