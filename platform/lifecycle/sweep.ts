import { addonById, sharesProviderId } from '../addons/store.js'
import { transact } from '../db/db.js'
import { inTurn } from '../db/in-turn.js'
import { readDeprovision } from '../partner/answers.js'
import { keepAnswer } from '../partner/kept-answer.js'
import * as ledger from '../partner/ledger-store.js'
import * as questions from '../partner/question-store.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import { backOffMs, later } from '../world/world.js'
import { type LifecycleDeps, providerOf } from './deps.js'
import { spanWords } from './patience.js'

const leaseMs = 60_000
/** Debts at one provider that are paid at a time; fewer than the lanes, so that others get on. */
export const providerDebtsMax = 2
const lanes = 4

/** Pays one debt: asks the provider to remove what may still exist there. @returns whether there was one */
export async function sweepOne(deps: LifecycleDeps, claiming = inTurn()): Promise<boolean> {
  const { watchDelaysMs, removalDelayFirstMs, removalDelayMostMs, notFoundsMax, notFoundSpreadMs, debtMsMax } =
    deps.patience
  const debt = await claiming(() =>
    ledger.claimDebt(deps.db, deps.world.now(), { leaseMs, owner: deps.process ?? null }, providerDebtsMax),
  )
  if (!debt) return false
  const addon = await addonById(deps.db, debt.addonId)
  if (!addon) throw new Error(`debt of an add-on that is not there: ${debt.addonId}`)
  const provider = await providerOf(deps, addon.serviceId)
  const other = provider.service.protocol === 'heroku-v1' ? await sharesProviderId(deps.db, addon.id) : undefined
  if (other !== undefined) {
    await leaveTo(deps, debt, other)
    return true
  }
  const { questionId, number } = await transact(deps.db, async (tx) => {
    const at = deps.world.now()
    const earlier = (await questions.questionsOf(tx, addon.id)).find(
      (one) => one.kind === 'deprovision' && one.operationId === null,
    )
    const id = earlier?.id ?? deps.world.id()
    await questions.insertQuestion(tx, { id, addonId: addon.id, operationId: null, kind: 'deprovision', at })
    return { questionId: id, number: await questions.insertAttempt(tx, id, at) }
  })
  const answer = await deps.partner.deprovision(provider, { uuid: addon.id, providerId: addon.providerId })
  const read = readDeprovision(answer)
  const at = deps.world.now()
  await questions.recordAnswer(deps.db, questionId, number, {
    class: read.class,
    status: read.status,
    message: null,
    note: read.note,
    retryAfterMs: read.retryAfterMs,
    mayExist: false,
    exchange: answer.exchange,
    at,
  })
  await keepAnswer(deps.db, deps, { questionId, number, class: read.class }, answer)
  // 404 proves it only where it was never confirmed to exist; and a web server's page proves nothing.
  const neverConfirmed = addon.failedAt !== null
  const isMissing = read.class === 'missing' && !read.isHtml
  const firstNotFoundAt = isMissing ? (debt.firstNotFoundAt ?? at) : debt.firstNotFoundAt
  const notFounds = isMissing ? debt.notFounds + 1 : debt.notFounds
  const believed =
    isMissing && notFounds >= notFoundsMax && at.getTime() - (firstNotFoundAt ?? at).getTime() >= notFoundSpreadMs
  const move = { tries: debt.tries + 1, watches: debt.watches, notFounds, firstNotFoundAt, reason: debt.reason, at }
  if (read.class === 'gone' || (isMissing && neverConfirmed) || believed) {
    const delay = debt.wasDoubtful ? watchDelaysMs[debt.watches] : undefined
    await ledger.settleDebt(
      deps.db,
      debt,
      delay === undefined
        ? { ...move, state: 'clear', nextAt: null }
        : { ...move, state: 'watching', nextAt: later(at, delay), watches: debt.watches + 1, tries: 0 },
    )
    return true
  }
  if (at.getTime() - (debt.owedAt ?? at).getTime() > debtMsMax) {
    await ledger.settleDebt(deps.db, debt, {
      ...move,
      state: 'stuck',
      nextAt: null,
      reason: `not removed after ${spanWords(debtMsMax)}: ${read.note}`,
    })
    return true
  }
  const backOff = backOffMs(deps.world, debt.tries, removalDelayFirstMs, removalDelayMostMs)
  const wait = isMissing ? notFoundSpreadMs / 2 : Math.max(backOff, read.retryAfterMs ?? 0)
  await ledger.settleDebt(deps.db, debt, { ...move, state: debt.state, nextAt: later(at, wait) })
  return true
}

/** v1 removes by the provider's id. While another add-on lives under it, removing ours would remove that one. */
async function leaveTo(deps: LifecycleDeps, debt: ledger.Debt, other: string): Promise<void> {
  const at = deps.world.now()
  const isOld = at.getTime() - (debt.owedAt ?? at).getTime() > deps.patience.debtMsMax
  const reason = `${other} has the same id at the provider, so it can not be removed while that is in use`
  // What was said to be gone and is another's now needs no watching.
  const state = debt.state === 'watching' ? 'clear' : isOld ? 'stuck' : debt.state
  const nextAt = state === 'owed' ? later(at, deps.patience.removalDelayMostMs) : null
  await ledger.settleDebt(deps.db, debt, { ...debt, state, nextAt, reason, at })
}

/** Debts, by bell and by clock. */
export function sweepReconciler(deps: LifecycleDeps): Reconciler {
  const claiming = inTurn()
  return { name: 'sweep', bell: 'sweep', everyMs: 1_000, sideBySide: lanes, pass: () => sweepOne(deps, claiming) }
}
