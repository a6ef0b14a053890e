import { createSecureContext, type SecureContext } from 'node:tls'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { hostnameOf, wildcardOver } from './domain.js'
import { findPairFor, keyContext } from './sni-store.js'

/** Contexts that are kept ready; making one costs about a millisecond. */
const contextsMax = 500

/**
 * With which certificate a TLS client is answered that asks for this name.
 * @returns undefined when no domain of that name has one
 */
export function certificatesFor(deps: {
  db: Db
  secrets: Secrets
}): (servername: string) => Promise<SecureContext | undefined> {
  const ready = new Map<string, SecureContext>()
  return async (servername) => {
    const hostname = hostnameOf(servername)
    const pair = hostname && (await findPairFor(deps.db, hostname, wildcardOver(hostname)))
    if (!pair) return undefined
    const id = `${pair.id}:${pair.version}`
    const kept = ready.get(id)
    if (kept) return kept
    const key = deps.secrets.open(pair.sealed, keyContext(pair.id, pair.version))
    const context = createSecureContext({ cert: pair.certificateChain, key, minVersion: 'TLSv1.2' })
    if (ready.size >= contextsMax) ready.clear()
    ready.set(id, context)
    return context
  }
}
