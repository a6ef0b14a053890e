import type { Listed } from '../partner/answers.js'
import { later } from '../world/world.js'
import type { KnownResource } from './compare-store.js'

/**
 * How long after a removal a list may still show what was removed: it may have been made before, and lists are often kept
 * a while. A longer wait costs nothing, since the next comparison sees it again.
 */
export const listLagMsMax = 15 * 60_000

/** What a comparison comes to for one resource. */
export type Verdict = { listed: Listed; known: KnownResource | null } & (
  | { verdict: 'as it should be' }
  /** The provider has what we never asked for. Never removed by itself. */
  | { verdict: 'unknown' }
  /** Ours, known gone, and there: what we asked for is removed again. */
  | { verdict: 'alive' }
  /** Perhaps ours and gone: a person has to look. */
  | { verdict: 'gone' }
  /** What could not be removed for want of its id. */
  | { verdict: 'id told' }
  /** In use here and not listed. Stays as it is: silence is no answer. */
  | { verdict: 'missing' }
  | { verdict: 'twice'; otherId: string }
)

/** By what it is told from others. */
export function keyOf({ uuid, providerId }: Listed): string {
  return uuid ?? `id:${providerId}`
}

/**
 * What a listed resource means, by what the ledger says of it. Pure.
 * @param known what the ledger knows under its uuid; without one, under the provider's id
 */
export function judge(
  listed: Listed,
  known: readonly KnownResource[],
  by: { protocol: 'heroku-v1' | 'heroku-v3'; sentAt: Date },
): Verdict {
  const isV1 = by.protocol === 'heroku-v1'
  const of = (
    verdict: 'as it should be' | 'unknown' | 'alive' | 'gone' | 'id told',
    it: KnownResource | null,
  ): Verdict => ({
    verdict,
    listed,
    known: it,
  })
  const [first] = known
  if (!first) return of('unknown', null)
  // v1 names resources by ids that it may use again: while one of them is in use, it is that one.
  const alive = known.find(({ state, isOpen }) => isOpen || state === 'asked' || state === 'held' || state === 'owed')
  if (alive) return of('as it should be', alive)
  const stuck = known.find(({ state }) => state === 'stuck')
  if (stuck) {
    const isNameless = isV1 && stuck.providerId === null
    return of(isNameless && listed.uuid !== null && listed.providerId !== null ? 'id told' : 'as it should be', stuck)
  }
  // Settled meanwhile, or so lately that the list may be older.
  const fresh = known.find(({ since }) => later(since, listLagMsMax) > by.sentAt)
  if (fresh) return of('as it should be', fresh)
  if (first.forgottenAt) return of('gone', first)
  // Only our own uuid proves that it is what we asked for; and v1 is asked by its id, which must be the same one.
  const isProven =
    listed.uuid !== null && (!isV1 || (first.providerId !== null && first.providerId === listed.providerId))
  return of(isProven ? 'alive' : 'gone', first)
}
