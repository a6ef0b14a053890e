import { isFields } from '@mortise/contract/manifest/fields'
import type { Manifest, ManifestEndpoint } from '@mortise/contract/manifest/manifest'
import { readManifest } from '@mortise/contract/manifest/read'
import { createMask, type Mask } from '@mortise/contract/partner-api/mask'

/** Who is inspected, and where: what a manifest says, or why it says nothing. */
export type Target = { manifest: Manifest; endpoint: ManifestEndpoint } | { problem: string }

/** @param isProduction api.production even when there is api.test */
export function targetOf(raw: unknown, isProduction: boolean): Target {
  const read = readManifest(raw)
  if ('problems' in read) return { problem: `The manifest cannot be used. ${read.problems.join(' ')}` }
  const { manifest } = read
  const endpoint = (isProduction ? undefined : manifest.api.test) ?? manifest.api.production
  for (const url of [endpoint.base_url, endpoint.sso_url ?? endpoint.base_url]) {
    if (!URL.canParse(url)) return { problem: `${JSON.stringify(url)} in the manifest is no address.` }
  }
  return { manifest, endpoint }
}

/** Hides the secrets that the manifest holds. */
export function maskFor(raw: unknown): Mask {
  const mask = createMask()
  const api = isFields(raw) && isFields(raw.api) ? raw.api : {}
  for (const secret of [api.password, api.sso_salt]) if (typeof secret === 'string') mask.hide(secret)
  return mask
}
