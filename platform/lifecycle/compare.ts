import { noteProviderId, sharesProviderId } from '../addons/store.js'
import { type Tx, transact } from '../db/db.js'
import { inTurn } from '../db/in-turn.js'
import { appendEvent } from '../events/store.js'
import { type Listed, type ListReading, readList } from '../partner/answers.js'
import type { Provider } from '../partner/client.js'
import { reopen, takeUp } from '../partner/ledger-store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import type { Actor } from '../saga/saga.js'
import { backOffMs, later } from '../world/world.js'
import * as store from './compare-store.js'
import { type LifecycleDeps, providerOf } from './deps.js'
import { judge, keyOf, type Verdict } from './judge-listed.js'

/** Pages and resources of one list; past either it counts as unreadable. */
export const listPagesMax = 2_000
export const listedMax = 200_000
/** From the first question of a list until its last answer. */
export const listMsMax = 30 * 60_000
/** Open discrepancies that are kept of one service, and of each kind looked at in one go; the others are counted. */
export const discrepanciesMax = 1_000
const leaseMs = 60_000
const heldPage = 5_000

/** Who did it, where nobody asked for it. */
const byItself: Actor = { id: '00000000-0000-0000-0000-000000000000', email: 'platform@localhost' }

type End = {
  outcome: 'whole' | 'partial' | Exclude<ListReading['class'], 'page'>
  note: string
  retryAfterMs: number | null
}
/** A whole list, or as much of it as could be had. `more`: differences beyond those that are looked at in one go. */
type Read = End & { listed: number; uuids: Set<string>; verdicts: Map<Verdict['verdict'], Verdict[]>; more: number }

/**
 * Compares the ledger with what one provider lists, if one is due. The provider is believed where it says that something is
 * there, and never where it says nothing: what it leaves out is told to the operator and stays as it is.
 * @returns whether there was one
 */
export async function compareOne(deps: LifecycleDeps, claiming = inTurn()): Promise<boolean> {
  const { db, world } = deps
  await store.recordListing(db, world.now())
  const it = await claiming(() => store.claimComparison(db, world.now(), leaseMs))
  if (!it) return false
  const begun = world.now()
  const read = await readPages(deps, await providerOf(deps, it.serviceId), it)
  if (!read) return true
  if (read.outcome === 'whole') await findMissing(deps, it, begun, read)
  await transact(db, async (tx) => {
    if (!(await store.lockComparison(tx, it))) return
    const at = world.now()
    // A page that can't be read makes the others doubtful: nothing is concluded from any of them.
    const kept = read.outcome === 'unreadable' ? [] : [...read.verdicts.values()].flat()
    const unkept = read.more + (await record(tx, deps, it, kept, at))
    // Of those beyond the bound nobody knows whether they were seen.
    if (read.outcome === 'whole' && unkept === 0) await store.endUnseen(tx, it.serviceId, begun, at)
    const note = unkept > 0 ? `${read.note}; ${unkept} more discrepancies than are kept` : read.note
    await store.endComparison(tx, it, { ...read, note, nextAt: later(at, nextInMs(deps, it, read)), at })
  })
  return true
}

/** Soon again when it did not work out, without asking all the time. */
function nextInMs({ world, patience }: LifecycleDeps, it: store.Comparison, { outcome, retryAfterMs }: End): number {
  const { compareEveryMs, compareAgainFirstMs } = patience
  if (outcome === 'whole') return compareEveryMs * (0.9 + world.chance() / 5)
  return Math.max(retryAfterMs ?? 0, backOffMs(world, it.failures, compareAgainFirstMs, compareEveryMs))
}

/** @returns undefined when another process has taken over */
async function readPages(deps: LifecycleDeps, provider: Provider, it: store.Comparison): Promise<Read | undefined> {
  const { world } = deps
  const begun = world.now().getTime()
  /** Key → the provider's id that was told with it. */
  const seen = new Map<string, string | null>()
  const cursors = new Set<string>()
  const read: Read = {
    outcome: 'whole',
    note: '',
    retryAfterMs: null,
    listed: 0,
    uuids: new Set(),
    verdicts: new Map(),
    more: 0,
  }
  const end = (outcome: Read['outcome'], note: string, retryAfterMs: number | null = null): Read => ({
    ...read,
    outcome,
    note,
    retryAfterMs,
    listed: seen.size,
  })
  for (let after: string | null = null, page = 1; ; page++) {
    if (!(await store.holdComparison(deps.db, it, leaseMs))) return undefined
    const sentAt = world.now()
    const answer = readList(await deps.partner.list(provider, after))
    if (answer.class !== 'page')
      return end(
        page > 1 && answer.class !== 'unreadable' ? 'partial' : answer.class,
        `page ${page}: ${answer.note}`,
        answer.retryAfterMs,
      )
    const fresh: Listed[] = []
    for (const one of answer.resources) {
      const key = keyOf(one)
      const before = seen.get(key)
      if (before === undefined) fresh.push(one)
      // The same entry once more says nothing new; another id does.
      else if (one.providerId !== null && before !== null && before !== one.providerId)
        keep(read, { verdict: 'twice', listed: one, known: null, otherId: before })
      if (before === undefined) seen.set(key, one.providerId)
    }
    if (seen.size > listedMax) return end('unreadable', `it lists more than ${listedMax} resources`)
    await judgePage(deps, provider, fresh, sentAt, read)
    if (answer.next === null) return end('whole', `${seen.size} resources on ${page} ${page === 1 ? 'page' : 'pages'}`)
    if (cursors.has(answer.next)) return end('unreadable', `page ${page} leads back to an earlier one`)
    if (page >= listPagesMax) return end('unreadable', `it has more than ${listPagesMax} pages`)
    if (world.now().getTime() - begun > listMsMax)
      return end('partial', `it took longer than ${listMsMax / 60_000} minutes`)
    cursors.add(answer.next)
    after = answer.next
  }
}

/** What the ledger says of the resources of one page; read after the page, so what was asked for before it is there. */
async function judgePage(
  deps: LifecycleDeps,
  { service }: Provider,
  listed: Listed[],
  sentAt: Date,
  read: Read,
): Promise<void> {
  const byId = listed.filter(({ uuid }) => uuid === null)
  const known = await store.knownResources(deps.db, service.id, {
    uuids: listed.flatMap(({ uuid }) => uuid ?? []),
    providerIds: byId.flatMap(({ providerId }) => providerId ?? []),
  })
  // The answer that tells the id may still be on its way.
  const isAsking = byId.length > 0 && (await store.isAsking(deps.db, service.id))
  for (const one of listed) {
    const its = known.filter(({ addonId, providerId }) =>
      one.uuid === null ? providerId === one.providerId : addonId === one.uuid,
    )
    for (const { addonId } of its) read.uuids.add(addonId)
    if (one.uuid === null && its.length === 0 && isAsking) continue
    keep(read, judge(one, its, { protocol: service.protocol, sentAt }))
  }
}

function keep(read: Read, verdict: Verdict): void {
  if (verdict.verdict === 'as it should be') return
  const alike = read.verdicts.get(verdict.verdict) ?? []
  read.verdicts.set(verdict.verdict, alike)
  if (alike.length < discrepanciesMax) alike.push(verdict)
  else read.more++
}

/** What was in use before the list began, is still, and is not on it. */
async function findMissing(deps: LifecycleDeps, it: store.Comparison, begun: Date, read: Read): Promise<void> {
  for (let after: string | null = null; ; ) {
    const held = await store.heldResources(deps.db, it.serviceId, { after, before: begun, most: heldPage })
    for (const known of held)
      if (!read.uuids.has(known.addonId))
        keep(read, { verdict: 'missing', listed: { uuid: known.addonId, providerId: known.providerId }, known })
    after = held.at(-1)?.addonId ?? null
    if (held.length < heldPage) return
  }
}

/** @returns how many discrepancies found no place */
async function record(
  tx: Tx,
  deps: LifecycleDeps,
  it: store.Comparison,
  verdicts: Verdict[],
  at: Date,
): Promise<number> {
  let open = await store.countDiscrepancies(tx, it.serviceId)
  let unkept = 0
  for (const verdict of verdicts) {
    const reason = await act(tx, deps, verdict, at)
    if (verdict.verdict === 'as it should be' || verdict.verdict === 'id told') continue
    const { listed, known } = verdict
    const kind = verdict.verdict === 'alive' ? 'gone' : verdict.verdict
    const found: store.Found = {
      id: deps.world.id(),
      kind,
      key: keyOf(listed),
      ...listed,
      addonId: known?.addonId ?? null,
      reason,
    }
    if (await store.seeAgain(tx, it.serviceId, found, at)) continue
    if (open >= discrepanciesMax) {
      unkept++
      continue
    }
    open++
    await store.insertDiscrepancy(tx, it.serviceId, found, at)
    await appendEvent(tx, {
      id: deps.world.id(),
      at,
      actor: byItself,
      action: 'create',
      resource: 'discrepancy',
      subject: found.id,
      appId: null,
      data: { kind, service: it.serviceName, uuid: found.uuid, provider_id: found.providerId, reason },
    })
  }
  return unkept
}

/** Does what may be done without a person, which is little. @returns why it is a discrepancy, in a sentence */
async function act(tx: Tx, deps: LifecycleDeps, verdict: Verdict, at: Date): Promise<string> {
  const { listed, known } = verdict
  const name = known?.name ?? ''
  switch (verdict.verdict) {
    case 'as it should be':
      return ''
    case 'unknown':
      return 'the provider lists it, and this platform never asked for it'
    case 'missing':
      return `${name} is in use here, and the provider does not list it`
    case 'twice':
      return `the provider lists it under two ids, ${verdict.otherId} and ${listed.providerId}`
    case 'gone':
      return known?.forgottenAt
        ? `${name} was forgotten by the operator, and the provider still lists it`
        : `${name} is gone here, and the provider lists something under its id`
    case 'id told': {
      if (!known || !listed.providerId) return ''
      await noteProviderId(tx, known.addonId, listed.providerId)
      if (!(await sharesProviderId(tx, known.addonId)))
        await takeUp(tx, known.addonId, {
          from: ['stuck'],
          reason: 'the provider listed it, and with that told its id',
          at,
        })
      return ''
    }
    case 'alive': {
      if (!known) return ''
      const other = await sharesProviderId(tx, known.addonId)
      if (other) return `${name} is gone here, and the provider lists ${other} under the same id`
      await reopen(tx, known.addonId, 'the provider lists it after it was said to be gone', at)
      return `${name} was said to be gone, and the provider still lists it: its removal is asked for again`
    }
  }
}

/** Comparisons, by bell and by clock. */
export function compareReconciler(deps: LifecycleDeps): Reconciler {
  const claiming = inTurn()
  return { name: 'compare', bell: store.compareBell, everyMs: 15_000, pass: () => compareOne(deps, claiming) }
}
