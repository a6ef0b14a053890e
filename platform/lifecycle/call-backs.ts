import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { plainText } from '@mortise/contract/manifest/plain-text'
import { type Addon, providerActor } from '../addons/addon.js'
import { type Credential, findCredential, valuesOf } from '../addons/credential-store.js'
import { addonById, lockAddon } from '../addons/store.js'
import { credentialOf, defaultCredential } from '../attachments/attachment.js'
import { serviceById } from '../catalog/store.js'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { readConfig } from '../partner/answers.js'
import { reopen } from '../partner/ledger-store.js'
import type { Operation } from '../saga/saga.js'
import { lockOpenOperation } from '../saga/store.js'
import { changeConfig, releaseConfig } from './change-config.js'
import type { LifecycleDeps } from './deps.js'

/** Names that an error repeats. */
const shownNamesMax = 5

export type ProviderAction = 'provision' | 'deprovision'

/**
 * A provider says what became of its resource. Parked: the call itself commits the outcome. Still being asked:
 * it leaves a fact that the asker takes up. The same call twice is the same call.
 */
export async function providerSays(deps: LifecycleDeps, addonId: string, action: ProviderAction): Promise<Addon> {
  const claimed = await transact(deps.db, async (tx): Promise<Operation | 'gone' | 'live' | null> => {
    const addon = await lockAddon(tx, addonId)
    if (!addon) throw notFound('add_on')
    if (addon.state === 'deprovisioned') return 'gone'
    if (addon.state === 'provisioned') {
      if (action === 'provision') return null
      await appendEvent(tx, {
        id: deps.world.id(),
        at: deps.world.now(),
        actor: providerActor(addon),
        action: 'update',
        resource: 'ledger',
        subject: addonId,
        appId: addon.appId,
        data: {
          refused: 'a provider wanted to take away what is in use',
          addon: addon.name,
          service: addon.serviceName,
        },
      })
      return 'live'
    }
    if (addon.state === 'deprovisioning' && action === 'provision') {
      throw invalid(`${addon.name} is being removed. Say that it is gone with actions/deprovision.`)
    }
    const operation = await lockOpenOperation(tx, addonId)
    if (!operation) return null
    const told = await deps
      .engine()
      .tell(tx, operation.id, { [action === 'provision' ? 'provisioned' : 'deprovisioned']: true })
    return told?.claimed ? told.operation : null
  })
  if (claimed === 'gone') throw await goneNow(deps, addonId, action === 'provision')
  if (claimed && claimed !== 'live') await deps.engine().drive(claimed)
  const addon = await addonById(deps.db, addonId)
  if (!addon) throw notFound('add_on')
  if (claimed === 'live')
    throw invalid(`${addon.name} is in use: a provider can't take it away. Only its customer can remove it.`)
  return addon
}

/** The add-on's config as its provider sees it, under the provider's own names. */
export async function providerConfig(deps: LifecycleDeps, addon: Addon): Promise<{ name: string; value: string }[]> {
  const staged = addon.state === 'provisioning'
  return shown(deps, await findCredential(deps.db, addon.id, defaultCredential, staged ? 'staged' : 'active'))
}

/**
 * What one credential of an add-on holds. Nothing for one that is not there: clients take that for the answer to
 * whether there is such a credential.
 */
export async function namespaceConfig(
  deps: LifecycleDeps,
  addon: Addon,
  namespace: string,
): Promise<{ name: string; value: string }[]> {
  const name = credentialOf(namespace)
  return shown(deps, name === null ? undefined : await findCredential(deps.db, addon.id, name, 'active'))
}

function shown(deps: LifecycleDeps, credential: Credential | undefined): { name: string; value: string }[] {
  const values = credential ? (valuesOf(deps.secrets, credential) ?? {}) : {}
  return Object.entries(values)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * A provider changes config: merged, and `null` takes a name away. On a provisioned add-on it makes a release on
 * every app it is attached to, and restarts them; while it is being created it makes none.
 * @throws WireError 422 naming the key that can't be
 */
export async function patchConfig(
  deps: LifecycleDeps,
  addon: Addon,
  given: readonly { name: string; value?: string | null }[],
): Promise<void> {
  if (addon.state === 'deprovisioned') throw await goneNow(deps, addon.id, true)
  const service = await serviceById(deps.db, addon.serviceId)
  const declared = service?.manifest.api.config_vars ?? []
  const unknown = given.filter(({ name }) => !declared.includes(name)).map(({ name }) => plainText(name, 100))
  if (unknown.length) {
    const more = unknown.length > shownNamesMax ? ` and ${unknown.length - shownNamesMax} others` : ''
    throw invalid(
      `The manifest of ${addon.serviceName} does not declare ${unknown.slice(0, shownNamesMax).join(', ')}${more}. Push one that lists it in api.config_vars first.`,
    )
  }
  const change: Record<string, string | null> = {}
  for (const { name, value } of given) change[name] = value ?? null
  const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))
  const read = readConfig(set, declared)
  if ('problem' in read) throw invalid(`${read.problem[0]?.toUpperCase()}${read.problem.slice(1)}.`)
  const { changed, addonState } = await changeConfig(deps, addon.id, change)
  if (changed === 'too much')
    throw invalid('Together these config vars would hold more than 64 KiB. Send shorter values.')
  if (addonState === 'deprovisioned') throw await goneNow(deps, addon.id, true)
  if (addonState === 'deprovisioning')
    throw invalid(
      `${addon.name} is being removed and takes no config any more. Say that it is gone with actions/deprovision.`,
    )
  if (changed === 'active') await releaseConfig(deps, addon.id)
}

/** 410, and when the provider speaks as if its resource lived, the ledger takes it up again. */
async function goneNow(deps: LifecycleDeps, addonId: string, isProofOfLife: boolean): Promise<WireError> {
  const at = deps.world.now()
  if (isProofOfLife) {
    await transact(deps.db, (tx) => reopen(tx, addonId, 'the provider spoke of it after it was said to be gone', at))
  }
  return new WireError('gone', 'This add-on was removed. Remove what you still keep of it.')
}
