import { isReservedConfigName } from '@mortise/contract/manifest/config-limits'
import { findCredential, valuesOf } from '../addons/credential-store.js'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { findSnapshot, livePins, type PinnedCredential, pinsOf, releaseById } from './store.js'

export const snapshotContext = (id: string) => `config_snapshots:${id}:1`

/** The customer's own vars as they are in a snapshot. */
export async function varsOf(db: Db, secrets: Secrets, snapshotId: string | null): Promise<Record<string, string>> {
  const snapshot = snapshotId ? await findSnapshot(db, snapshotId) : undefined
  return snapshot ? JSON.parse(secrets.open(snapshot.sealed, snapshotContext(snapshot.id))) : {}
}

/** What the app sees from now on: its own vars and, for each live attachment, the values in force. */
export async function headOf(
  db: Db,
  secrets: Secrets,
  app: { id: string; snapshotId: string | null },
): Promise<Record<string, string>> {
  const head = await varsOf(db, secrets, app.snapshotId)
  for (const pin of await livePins(db, app.id)) Object.assign(head, mapped(pin, pinValues(secrets, pin)))
  return head
}

/**
 * What the dynos of a release get. A revoked pin falls forward to the version in force, and is left out
 * when the add-on is gone. Reserved names never reach a dyno from an add-on.
 */
export async function environmentOf(
  db: Db,
  secrets: Secrets,
  releaseId: string,
): Promise<{ config: Record<string, string>; dropped: string[] }> {
  const release = await releaseById(db, releaseId)
  const config = await varsOf(db, secrets, release?.snapshotId ?? null)
  const dropped: string[] = []
  for (const pin of await pinsOf(db, releaseId)) {
    let values = pinValues(secrets, pin)
    if (!values || pin.state === 'revoked') {
      const active = await findCredential(db, pin.addonId, pin.credentialName, 'active')
      values = active ? valuesOf(secrets, active) : null
    }
    for (const [name, value] of Object.entries(mapped(pin, values))) {
      if (isReservedConfigName(name)) dropped.push(name)
      else config[name] = value
    }
  }
  return { config, dropped }
}

/** A release's vars as they were; null for an add-on's values that are no longer kept. */
export async function configAtRelease(
  db: Db,
  secrets: Secrets,
  release: { id: string; snapshotId: string },
): Promise<Record<string, string | null>> {
  const config: Record<string, string | null> = await varsOf(db, secrets, release.snapshotId)
  for (const pin of await pinsOf(db, release.id)) {
    const values = pin.state === 'revoked' ? null : pinValues(secrets, pin)
    for (const [theirs, ours] of Object.entries(pin.names)) {
      if (pin.valueNames.includes(theirs)) config[ours] = values?.[theirs] ?? null
    }
  }
  return config
}

function pinValues(secrets: Secrets, pin: PinnedCredential): Record<string, string> | null {
  return valuesOf(secrets, { ...pin, id: pin.credentialId, name: pin.credentialName, names: [], state: 'active' })
}

/** The provider's names as this app calls them. */
function mapped(pin: { names: Record<string, string> }, values: Record<string, string> | null): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [theirs, value] of Object.entries(values ?? {})) {
    const ours = pin.names[theirs]
    if (ours !== undefined) found[ours] = value
  }
  return found
}
