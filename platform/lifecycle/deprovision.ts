import { shredAll } from '../addons/credential-store.js'
import { addonById, lockAddon, moveAddon, sharesProviderId } from '../addons/store.js'
import { lockApp } from '../apps/store.js'
import { listAttachmentsOfAddon } from '../attachments/store.js'
import { closeCharge } from '../billing/store.js'
import { type Tx, transact } from '../db/db.js'
import { endLogInputs } from '../logs/log-input-store.js'
import { readDeprovision } from '../partner/answers.js'
import { revokeGrants } from '../partner/grant-store.js'
import { keepAnswer } from '../partner/kept-answer.js'
import * as ledger from '../partner/ledger-store.js'
import * as questions from '../partner/question-store.js'
import { applyChange } from '../releases/change.js'
import { type Decision, type Operation, type Saga, type StepContext, saga } from '../saga/saga.js'
import { backOffMs, later } from '../world/world.js'
import { announceAddon } from './announce-addon.js'
import { type LifecycleDeps, providerOf } from './deps.js'
import { detachOne } from './detach-one.js'

export interface DeprovisionParams {
  addonId: string
  addonName: string
  serviceId: string
  questionId: string
}

/** `gone`: said so by the provider · `missing`: it knows no such resource · `given up`: the customer waits no longer, the debt goes on. */
export interface Removed {
  how: 'gone' | 'missing' | 'given up' | 'call-back'
  [name: string]: string
}

interface Intended {
  /** Other apps that it was attached to; each gets a release of its own. */
  elsewhere: { appId: string; description: string }[]
}

type DeprovisionOperation = Operation<DeprovisionParams, { intend: Intended; ask: Removed }>

/**
 * A customer removes an add-on. From the intent on it is gone for the customer's apps and bills, so no
 * step has an undo: what remains is a debt at the provider, and a debt is only ever paid.
 */
export function deprovisionSaga(deps: LifecycleDeps): Saga<DeprovisionParams> {
  return saga<DeprovisionParams>('addon.deprovision', ({ serviceId }) => serviceId)
    .local('intend', { do: recordIntent })
    .call('release elsewhere', { do: releaseElsewhere })
    .call('ask', { do: askProvider })
    .local('settle', { do: commitOutcome })

  async function recordIntent(tx: Tx, { params, actor, id }: DeprovisionOperation): Promise<Intended> {
    const at = deps.world.now()
    const before = await addonById(tx, params.addonId)
    const app = before?.appId ? await lockApp(tx, before.appId) : undefined
    const addon = await lockAddon(tx, params.addonId)
    if (!addon) throw new Error(`add-on ${params.addonId} is not there`)
    await moveAddon(tx, addon.id, ['provisioned', 'deprovisioning'], 'deprovisioning', { at })
    const attachments = await listAttachmentsOfAddon(tx, addon.id)
    for (const attachment of attachments) {
      await detachOne(tx, deps.world, attachment, { actor, at, operationId: id })
    }
    const describe = (names: string[]) => `Detach ${names.join(', ')} (@ref:${addon.name})`
    const here = attachments.filter((attachment) => attachment.appId === addon.appId).map(({ name }) => name)
    if (app?.state === 'live') {
      await applyChange(tx, deps, {
        app,
        actor,
        accountId: actor.id,
        attachmentsChanged: true,
        operationId: id,
        description: here.length ? describe(here) : `Remove ${addon.name}`,
        rebuild: true,
      })
    }
    await closeCharge(tx, addon.id, at)
    await ledger.owe(tx, { addonId: addon.id, wasDoubtful: false, reason: 'removed by the customer', nextAt: at, at })
    await questions.insertQuestion(tx, {
      id: params.questionId,
      addonId: addon.id,
      operationId: id,
      kind: 'deprovision',
      at,
    })
    await questions.insertFirstAttempt(tx, params.questionId, at)
    await announceAddon(
      tx,
      deps.world,
      { id, actor },
      { action: 'update', was: addon, is: { state: 'deprovisioning' } },
    )
    const others = new Map<string, string[]>()
    for (const { appId, name } of attachments)
      if (appId !== addon.appId) others.set(appId, [...(others.get(appId) ?? []), name])
    return { elsewhere: [...others].map(([appId, names]) => ({ appId, description: describe(names) })) }
  }

  /** One transaction per app: whoever is slow or locked holds up no other. */
  async function releaseElsewhere(_: StepContext, { found, actor, id }: DeprovisionOperation): Promise<Decision<null>> {
    for (const { appId, description } of found.intend?.elsewhere ?? []) {
      await transact(deps.db, async (tx) => {
        const app = await lockApp(tx, appId)
        if (app?.state !== 'live') return
        await applyChange(tx, deps, {
          app,
          actor,
          accountId: actor.id,
          attachmentsChanged: true,
          operationId: id,
          description,
          rebuild: true,
        })
      })
    }
    return { decided: 'done', found: null }
  }

  async function askProvider(context: StepContext, operation: DeprovisionOperation): Promise<Decision<Removed>> {
    const { params, facts } = operation
    const now = deps.world.now()
    if (facts['deprovisioned']) return done('call-back')
    const attempts = await questions.attemptsOf(deps.db, params.questionId)
    const last = attempts.at(-1)
    if (last?.class === 'gone' || last?.class === 'missing') return done(last.class)
    const accepted = attempts.find((attempt) => attempt.class === 'later')
    const limit = later(accepted?.answeredAt ?? operation.createdAt, deps.patience.deprovisioningMsMax)
    if (now >= limit) return done('given up')
    if (accepted) return { decided: 'park', until: limit, reason: 'the provider removes it in its own time' }

    const addon = await addonById(deps.db, params.addonId)
    const provider = await providerOf(deps, params.serviceId)
    if (provider.service.protocol === 'heroku-v1') {
      // By the provider's id: one that is unknown, or that another add-on lives under, is never asked for here.
      if (addon?.providerId === null || (await sharesProviderId(deps.db, params.addonId))) return done('given up')
    }
    const first = !context.isAgain && attempts.length === 1 && last?.class === null
    if (!first) await context.renew()
    const number = first ? 1 : await questions.insertAttempt(deps.db, params.questionId, now)
    const answer = await deps.partner.deprovision(provider, {
      uuid: params.addonId,
      providerId: addon?.providerId ?? null,
    })
    const read = readDeprovision(answer)
    await questions.recordAnswer(deps.db, params.questionId, number, {
      class: read.class,
      status: read.status,
      message: null,
      note: read.note,
      retryAfterMs: read.retryAfterMs,
      mayExist: false,
      exchange: answer.exchange,
      at: deps.world.now(),
    })
    await keepAnswer(deps.db, deps, { questionId: params.questionId, number, class: read.class }, answer)
    if (read.class === 'gone' || read.class === 'missing') return done(read.class)
    if (read.class === 'later') {
      return {
        decided: 'park',
        until: later(deps.world.now(), deps.patience.deprovisioningMsMax),
        reason: 'the provider removes it in its own time',
      }
    }
    const { removalDelayFirstMs, removalDelayMostMs } = deps.patience
    return {
      decided: 'again',
      afterMs: Math.max(
        backOffMs(deps.world, attempts.length - 1, removalDelayFirstMs, removalDelayMostMs),
        read.retryAfterMs ?? 0,
      ),
      reason: read.note,
    }
  }

  async function commitOutcome(tx: Tx, { params, actor, id, found }: DeprovisionOperation): Promise<null> {
    const at = deps.world.now()
    const addon = await lockAddon(tx, params.addonId)
    if (!addon) throw new Error(`add-on ${params.addonId} is not there`)
    await moveAddon(tx, addon.id, ['deprovisioning'], 'deprovisioned', { at })
    await shredAll(tx, addon.id, at)
    await revokeGrants(tx, addon.id, at)
    await endLogInputs(tx, addon.id)
    await settleLedger(tx, addon.id, found.ask?.how ?? 'given up', at)
    await announceAddon(
      tx,
      deps.world,
      { id, actor },
      { action: 'destroy', was: addon, is: { state: 'deprovisioned' } },
    )
    return null
  }

  /** What was once in doubt is asked again later, even though it is said to be gone. */
  async function settleLedger(tx: Tx, addonId: string, how: Removed['how'], at: Date): Promise<void> {
    const debt = await ledger.findDebt(tx, addonId)
    if (!debt || debt.state === 'stuck') return
    const said = how === 'gone' || how === 'call-back'
    if (said && !debt.wasDoubtful) return ledger.clear(tx, addonId, at)
    await ledger.settleDebt(tx, debt, {
      ...debt,
      state: said ? 'watching' : 'owed',
      nextAt: later(at, deps.patience.watchDelaysMs[0] ?? 0),
      at,
      notFounds: how === 'missing' ? 1 : debt.notFounds,
      firstNotFoundAt: how === 'missing' ? at : debt.firstNotFoundAt,
    })
  }
}

function done(how: Removed['how']): Decision<Removed> {
  return { decided: 'done', found: { how } }
}
