import { WireError } from '@mortise/contract/errors'
import type { Db } from '../db/db.js'
import { type Fact, readFact } from '../db/fact.js'
import type { World } from '../world/world.js'
import { appsOfAddons, viewersOf } from './store.js'

/** What a reader wants to hear of. */
export type Subject = { of: 'app'; appId: string } | { of: 'account' } | { of: 'platform' }

export interface Reader {
  accountId: string
  subject: Subject
  /** @param id where the reader is now, to come back with */
  tell(fact: Fact, id: string): void
  /** Something may have been missed: everything has to be read anew. */
  lost(): void
}

/** Streams of one account, and of all of them, in one process. A page has one, and one that is not looked at has none. */
export const readersOfAccountMax = 20
export const readersMax = 2_000
const roomAgainSeconds = 15

/** Facts that come together are told together, and the same fact once. */
const gatherMs = 50
/** A reader that was away this long, or that missed so many, reads everything anew. */
const recentMs = 30_000
const recentMax = 1_000
/** What was read right before the stream began may be older than the stream: a new reader is told so far back. */
const beforeMs = 2_000

interface Told {
  number: number
  at: number
  fact: Fact
}

export interface Tellings {
  /** A ring of the bell: one fact, or that some may be missing. */
  hear(about?: string): void
  /**
   * @param after the id that the reader saw last
   * @returns how to stop
   * @throws WireError when there are too many
   */
  read(reader: Reader, after?: string): () => void
}

/**
 * Hands facts to whoever looks on. They come from the database's bell, so it does not matter in which process something
 * changed. Whether an account may see an app is asked for each fact anew.
 */
export function tellings(deps: { db: Db; world: World; onFault(error: unknown): void }): Tellings {
  const { db, world } = deps
  // Another process, or this one after a restart, counts otherwise: an id of its own tells them apart.
  const epoch = world.id()
  const readers = new Set<Reader>()
  let gathered = new Map<string, Fact>()
  let recent: Told[] = []
  let number = 0
  let timer: NodeJS.Timeout | undefined
  let told = Promise.resolve()

  function hear(about?: string): void {
    const fact = about === undefined ? undefined : readFact(about)
    // With nothing said, the bell's connection is new, and what rang meanwhile is not known.
    if (about === undefined || gathered.size >= recentMax) forget()
    else if (fact) {
      gathered.set(JSON.stringify(fact), fact)
      timer ??= setTimeout(flush, gatherMs)
    }
  }

  function forget(): void {
    gathered = new Map()
    recent = []
    number++
    for (const reader of readers) reader.lost()
  }

  function flush(): void {
    timer = undefined
    const at = world.now().getTime()
    const fresh = [...gathered.values()].map((fact): Told => ({ number: ++number, at, fact }))
    gathered = new Map()
    recent = [...recent, ...fresh].filter((one) => one.at > at - recentMs).slice(-recentMax)
    if (readers.size) hand(fresh, [...readers])
  }

  /** One after the other, so that a reader's ids only ever grow. */
  function hand(facts: readonly Told[], to: readonly Reader[]): void {
    told = told
      .then(() => deliver(facts, to))
      .catch((error) => {
        deps.onFault(error)
        for (const reader of to) reader.lost()
      })
  }

  async function deliver(facts: readonly Told[], to: readonly Reader[]): Promise<void> {
    const addonIds = facts.filter(({ fact }) => fact.resource === 'addon').map(({ fact }) => fact.id)
    const isOfApps = to.some(({ subject }) => subject.of !== 'platform')
    const attached = addonIds.length && isOfApps ? await appsOfAddons(db, addonIds) : []
    const appsOf = ({ fact }: Told) => [
      ...new Set([
        ...(fact.app ? [fact.app] : []),
        ...attached.filter(({ addonId }) => addonId === fact.id).map(({ appId }) => appId),
      ]),
    ]
    const accounts = to.filter(({ subject }) => subject.of === 'account').map(({ accountId }) => accountId)
    const seen = new Set<string>()
    if (accounts.length) {
      const apps = [...new Set(facts.flatMap(appsOf))]
      for (const { accountId, appId } of await viewersOf(db, [...new Set(accounts)], apps)) {
        seen.add(`${accountId} ${appId}`)
      }
    }
    for (const one of facts) {
      const apps = appsOf(one)
      for (const reader of to) {
        if (!readers.has(reader)) continue
        const { subject, accountId } = reader
        const id = `${epoch}.${one.number}`
        if (subject.of === 'platform') reader.tell(one.fact, id)
        else {
          const app = apps.find((id) => (subject.of === 'app' ? id === subject.appId : seen.has(`${accountId} ${id}`)))
          if (app) reader.tell({ ...one.fact, app }, id)
        }
      }
    }
  }

  function requireRoom({ accountId }: Reader): void {
    const own = [...readers].filter((one) => one.accountId === accountId).length
    if (own < readersOfAccountMax && readers.size < readersMax) return
    const sentence =
      own >= readersOfAccountMax
        ? `This account has ${own} streams open here already. Close some, or ask for the state now and then instead.`
        : 'There are too many streams open here. Ask for the state now and then instead.'
    throw new WireError('rate_limit', sentence, {}, { 'Retry-After': String(roomAgainSeconds) })
  }

  return {
    hear,
    read(reader, after) {
      requireRoom(reader)
      readers.add(reader)
      const now = world.now().getTime()
      const known = after?.startsWith(`${epoch}.`) ? Number(after.slice(epoch.length + 1)) : Number.NaN
      // Nothing between is missing if what comes next is kept, or has not come yet.
      const isKnown = Number.isSafeInteger(known) && known <= number && (recent[0]?.number ?? number + 1) <= known + 1
      if (after !== undefined && !isKnown) reader.lost()
      const from = isKnown
        ? recent.filter((one) => one.number > known)
        : recent.filter((one) => one.at > now - beforeMs)
      if (from.length) hand(from, [reader])
      return () => void readers.delete(reader)
    },
  }
}
