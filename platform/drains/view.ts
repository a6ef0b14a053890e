import type { LogDrain } from '@mortise/contract/platform-api/drains'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { JsonObject } from '../saga/saga.js'
import type { Secrets } from '../secrets/seal.js'
import { type Drain, drainContext, safeUrl } from './drain.js'

/** @param forProvider whether who asks made the address: a customer sees an add-on's without what may be its password */
export function drainView(drain: Drain, secrets: Secrets, forProvider: boolean): LogDrain {
  const url = urlOf(drain, secrets)
  return {
    addon: drain.addon,
    app: { id: drain.appId, name: drain.appName },
    created_at: timestamp(drain.createdAt),
    id: drain.id,
    token: drain.token,
    updated_at: timestamp(drain.updatedAt),
    url: url === null ? '' : drain.addon && !forProvider ? safeUrl(url) : url,
  }
}

export function urlOf(drain: Drain, secrets: Secrets): string | null {
  return drain.sealed ? secrets.open(drain.sealed, drainContext(drain.id)) : null
}

/** What events say of a drain: where it leads, never how one gets in there. */
export function drainFacts(drain: Pick<Drain, 'id' | 'addon'>, url: string | null): JsonObject {
  return {
    id: drain.id,
    addon: drain.addon ? { id: drain.addon.id, name: drain.addon.name } : null,
    url: url === null ? null : safeUrl(url),
  }
}
