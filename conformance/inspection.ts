import { setTimeout as pause } from 'node:timers/promises'
import type { Fields } from '@mortise/contract/manifest/fields'
import type { Manifest, ManifestEndpoint } from '@mortise/contract/manifest/manifest'
import type { Mask } from '@mortise/contract/partner-api/mask'
import { CouldNotRun, Skipped } from './check.js'
import { type Exchange, fieldsOf, isOk, statusOf } from './exchange.js'
import type { FakeAddon } from './fake-addon.js'
import type { FakePlatform } from './fake-platform.js'
import type { Ledger } from './ledger.js'
import type { Asker, Named, PartnerClient } from './partner.js'
import { provisionQuestion, regionOf } from './question.js'
import type { Sender } from './send.js'

/** All in milliseconds. */
export interface Limits {
  /** Answers that take longer are told. Source: Dev Center, legacy Partner API reference (2024): 3 s. */
  slowMs: number
  /** Answers that take longer are not waited for. Source: the same page: 25 s. */
  answerMs: number
  /** How long a 202 is waited for; the platform itself waits 12 hours. */
  asyncMs: number
  /** How long a provider that answered at once is given to trade its grant. */
  graceMs: number
  /** How long the clean-up tries again. */
  cleanupMs: number
}

export const defaultLimits: Limits = {
  slowMs: 3_000,
  answerMs: 25_000,
  asyncMs: 60_000,
  graceMs: 2_000,
  cleanupMs: 15_000,
}

/** Time and ids. */
export interface World {
  /** Milliseconds since 1970. */
  now(): number
  /** A new uuid. */
  id(): string
}

export type Verb = 'provision' | 'plan' | 'deprovision' | 'sso'

/** A resource that the inspection asked for, and how that went. */
export interface Made extends Named {
  plan: string
  addon: FakeAddon
  question: ReturnType<typeof provisionQuestion> & Fields
  exchange: Exchange
}

/** What all checks share: who is inspected, the ways to ask, and the resources that several checks look at. */
export interface Inspection {
  /** As written, before it was read leniently. */
  raw: Fields
  manifest: Manifest
  endpoint: ManifestEndpoint
  isV3: boolean
  isProduction: boolean
  limits: Limits
  world: World
  partner: PartnerClient
  platform: FakePlatform
  sender: Sender
  mask: Mask
  /** Every exchange so far, for what is said about time. */
  exchanges: Record<Verb, Exchange[]>
  /** The plan that is provisioned. */
  plan: string
  /** Resolves when the provider will not call any more; null when only silence can tell. */
  atRest: (() => Promise<void>) | null
  /** Announces an add-on to the pretended platform and writes its request; nothing is sent. */
  prepare(): Omit<Made, 'exchange'>
  provision(prepared: Omit<Made, 'exchange'>, as?: Asker): Promise<Made>
  /** The first request for a resource, sent once. @throws CouldNotRun when the provider is not reached */
  first(): Promise<Made>
  /** The first resource when it is ready. @throws Skipped when there is none */
  live(): Promise<Made>
  /** Another resource, of another app. @throws Skipped when there is none */
  second(): Promise<Made>
  /** The first resource's removal. @throws Skipped when there was none */
  removed(): Promise<Made & { removal: Exchange; before: Exchange | null }>
  /** Waits until the provider has called the platform and come to rest, or did not call at all. */
  quiet(): Promise<void>
  /** Milliseconds from the 202 to the report, if there was one. */
  completionMs: number | null
}

export interface InspectionParts
  extends Pick<
    Inspection,
    | 'raw'
    | 'manifest'
    | 'endpoint'
    | 'isProduction'
    | 'limits'
    | 'world'
    | 'platform'
    | 'sender'
    | 'mask'
    | 'plan'
    | 'atRest'
  > {
  partner: PartnerClient
  ledger: Ledger
}

export function createInspection(parts: InspectionParts): Inspection {
  const { manifest, platform, partner, limits, world, ledger } = parts
  const once = new Map<string, Promise<unknown>>()
  /** Several checks look at one exchange; whoever comes first has it made. */
  function memo<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = once.get(name) ?? make()
    once.set(name, known)
    return known as Promise<T>
  }

  const it: Inspection = {
    ...parts,
    isV3: manifest.api.version === '3',
    exchanges: { provision: [], plan: [], deprovision: [], sso: [] },
    completionMs: null,

    prepare() {
      const uuid = world.id()
      // Nine digits, so that they are in no id by chance.
      const herokuId = `app${900_000_000 + (Number.parseInt(uuid.slice(0, 7), 16) % 99_999_999)}@heroku.com`
      const name = `${manifest.id}-inspected-${uuid.slice(0, 5)}`
      const addon = platform.expect({ uuid, herokuId, name, plan: parts.plan, region: regionOf(manifest) })
      const question = provisionQuestion(addon, manifest, platform.url)
      return { uuid, herokuId, id: null, plan: parts.plan, addon, question }
    },

    async provision(prepared, as = partner.self) {
      const exchange = await partner.provision(prepared.question, as)
      return { ...prepared, ...settle(prepared.addon, exchange), exchange }
    },

    first: () =>
      memo('first', async () => {
        const made = await it.provision(it.prepare())
        if (made.exchange.failure === 'unreachable') throw new CouldNotRun(`Could not start: ${made.exchange.reason}.`)
        return made
      }),

    live: () => memo('live', async () => ready(await it.first())),
    second: () => memo('second', async () => ready(await it.provision(it.prepare()))),

    quiet: () =>
      memo('quiet', async () => {
        if (parts.atRest) return parts.atRest()
        let heard = 0
        const isLouder = () => platform.calls.length > heard
        const until = world.now() + limits.asyncMs
        // Calls come in rows: a token, then config, then an action.
        while ((await platform.waitUntil(isLouder, limits.graceMs)) && world.now() < until)
          heard = platform.calls.length
      }),

    removed: () =>
      memo('removed', async () => {
        const made = await it.live()
        made.addon.state = 'deprovisioning'
        const asked = await partner.deprovision(made)
        // A strict server refused the platform's Accept on DELETE: once more, admitting anything.
        const isRefused = statusOf(asked) === 406
        const removal = isRefused ? await partner.deprovision(made, { accept: '*/*' }) : asked
        const isLater = statusOf(removal) === 202
        if (isLater) await platform.waitUntil(() => made.addon.state === 'deprovisioned', limits.asyncMs)
        else if (isOk(removal)) made.addon.state = 'deprovisioned'
        return { ...made, removal, before: isRefused ? asked : null }
      }),
  }
  return it

  /** What an answer makes of the add-on, on the platform's side. */
  function settle(addon: FakeAddon, exchange: Exchange): { id: string | null } {
    const { id, config } = fieldsOf(exchange)
    const ownId = typeof id === 'string' || typeof id === 'number' ? String(id) : null
    if (!isOk(exchange)) {
      if (addon.state === 'asking') addon.state = 'failed'
      return { id: null }
    }
    addon.providerId = ownId
    if (addon.state === 'asking') addon.state = statusOf(exchange) === 202 ? 'provisioning' : 'provisioned'
    for (const [name, value] of Object.entries(typeof config === 'object' && config ? config : {})) {
      if (typeof value === 'string') addon.config.set(name, value)
    }
    return { id: ownId }
  }

  async function ready(made: Made): Promise<Made> {
    if (!isOk(made.exchange)) throw new Skipped('nothing was provisioned')
    if (made.addon.state === 'provisioning') {
      const from = world.now()
      const isReported = () => made.addon.state !== 'provisioning'
      if (await platform.waitUntil(isReported, limits.asyncMs)) it.completionMs = world.now() - from
    }
    if (made.addon.state === 'failed') ledger.reportedGone(made.uuid)
    if (made.addon.state !== 'provisioned') throw new Skipped('the resource did not become ready')
    if (!it.isV3 && made.id === null) throw new Skipped('v1 names a resource by its id, and none was told')
    return made
  }
}

/** Waits; an inspection that was interrupted does not wait on. */
export async function rest(ms: number): Promise<void> {
  await pause(ms)
}
