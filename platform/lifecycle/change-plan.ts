import { addonById, lockAddon, setPlan, setProvisionMessage } from '../addons/store.js'
import { appById } from '../apps/store.js'
import { splitCharge } from '../billing/store.js'
import type { Tx } from '../db/db.js'
import { readPlanChange, retryAfterMsDefault } from '../partner/answers.js'
import { keepAnswer } from '../partner/kept-answer.js'
import * as questions from '../partner/question-store.js'
import { type Decision, type Operation, type Saga, type StepContext, saga } from '../saga/saga.js'
import { backOffMs, later, spreadMs } from '../world/world.js'
import { announceAddon } from './announce-addon.js'
import { changeConfig, releaseConfig } from './change-config.js'
import { type LifecycleDeps, providerOf } from './deps.js'

interface PlanChoice {
  id: string
  /** `service:plan`. */
  name: string
  priceId: string
}

export interface ChangePlanParams {
  addonId: string
  addonName: string
  serviceId: string
  serviceName: string
  from: PlanChoice
  to: PlanChoice
  ownerId: string
  questionId: string
  chargeId: string
  /** It takes the place of a change that may have been made. */
  wasInDoubt: boolean
}

export interface PlanChanged {
  class: string
  message: string | null
  [name: string]: string | null
}

type ChangePlanOperation = Operation<ChangePlanParams, { intend: null; ask: PlanChanged }>

/** A customer moves an add-on to another plan. Refused: everything stays as it was. */
export function changePlanSaga(deps: LifecycleDeps): Saga<ChangePlanParams> {
  return (
    saga<ChangePlanParams>('addon.change-plan', ({ serviceId }) => serviceId)
      // Its undo has nothing to do: the intent changes no plan, no price and no config.
      .local('intend', { do: recordIntent })
      .call('ask', { do: askProvider })
      .local('settle', { do: commitOutcome })
      .call('release', { do: releaseNewConfig })
  )

  async function recordIntent(tx: Tx, { params, id }: ChangePlanOperation): Promise<null> {
    const at = deps.world.now()
    await questions.insertQuestion(tx, {
      id: params.questionId,
      addonId: params.addonId,
      operationId: id,
      kind: 'plan',
      mayExist: params.wasInDoubt,
      at,
    })
    await questions.insertFirstAttempt(tx, params.questionId, at)
    return null
  }

  async function askProvider(context: StepContext, operation: ChangePlanOperation): Promise<Decision<PlanChanged>> {
    const { params } = operation
    const provider = await providerOf(deps, params.serviceId)
    const addon = await addonById(deps.db, params.addonId)
    const app = addon?.appId ? await appById(deps.db, addon.appId) : undefined
    let fresh = !context.isAgain
    if (!fresh)
      await questions.markUnanswered(
        deps.db,
        params.questionId,
        'we stopped between question and answer',
        deps.world.now(),
      )
    for (let notSent = 0; ; ) {
      if (!fresh) await context.renew()
      const number = fresh ? 1 : await questions.insertAttempt(deps.db, params.questionId, deps.world.now())
      fresh = false
      const plan = params.to.name.split(':')[1] ?? params.to.name
      const answer = await deps.partner.changePlan(
        provider,
        { uuid: params.addonId, providerId: addon?.providerId ?? null, appNumber: app?.number ?? null },
        plan,
      )
      const reading = readPlanChange(answer, provider.service.manifest.api.config_vars)
      await questions.recordAnswer(deps.db, params.questionId, number, {
        ...reading,
        mayExist: reading.class === 'doubt',
        exchange: answer.exchange,
        at: deps.world.now(),
      })
      await keepAnswer(deps.db, deps, { questionId: params.questionId, number, class: reading.class }, answer)
      if (reading.class === 'ok') {
        // Values go straight into a sealed version, never into the operation's row.
        if (Object.keys(reading.config).length) await changeConfig(deps, params.addonId, reading.config)
        return { decided: 'done', found: { class: 'ok', message: reading.message } }
      }
      if (reading.class === 'not sent') {
        const afterMs = deps.patience.notSentDelaysMs[notSent++]
        if (afterMs !== undefined) {
          await context.world.sleep(afterMs)
          continue
        }
        // Only what was never in doubt can be said to be as it was.
        if (!(await isInDoubt(operation)))
          return refused(
            'not sent',
            `Could not reach ${params.serviceName}; the plan is as it was. Try again in a few minutes.`,
          )
      }
      return decide(operation, reading, await isInDoubt(operation))
    }
  }

  /** Once in doubt, a later refusal does not prove that the plan is as it was. */
  async function isInDoubt(operation: ChangePlanOperation): Promise<boolean> {
    return (await questions.questionOf(deps.db, operation.id))?.mayExist === true
  }

  function decide(
    operation: ChangePlanOperation,
    reading: ReturnType<typeof readPlanChange>,
    wasInDoubt: boolean,
  ): Decision<PlanChanged> {
    const { params } = operation
    const unsettled = (said: string): Decision<PlanChanged> => ({
      decided: 'stuck',
      reason: `the provider ${said}, after an attempt that may have made the plan ${params.to.name}: settle it by hand`,
    })
    const age = deps.world.now().getTime() - operation.createdAt.getTime()
    if (reading.class === 'not now') {
      if (age > deps.patience.notNowMsMax && wasInDoubt) return unsettled('is too busy')
      if (age > deps.patience.notNowMsMax)
        return refused('not now', `${params.serviceName} is too busy to change the plan. It is as it was.`)
      const afterMs = reading.retryAfterMs ?? retryAfterMsDefault
      return { decided: 'again', afterMs, reason: 'the provider is busy; it is asked again' }
    }
    if (reading.class === 'doubt' || reading.class === 'not sent') {
      if (age > deps.patience.planDoubtMsMax) {
        return {
          decided: 'stuck',
          reason: `the provider never said whether the plan is ${params.to.name} now: settle it by hand`,
        }
      }
      const { doubtDelaysMs } = deps.patience
      const delayMs = doubtDelaysMs[operation.tries]
      const afterMs =
        delayMs !== undefined
          ? spreadMs(deps.world, delayMs)
          : backOffMs(deps.world, operation.tries - 2, 300_000, 3_600_000)
      const why = reading.class === 'doubt' ? 'gave no clear answer' : 'can not be reached'
      return { decided: 'again', afterMs, reason: `the provider ${why}; it is asked again` }
    }
    if (wasInDoubt) return unsettled('refused in the end')
    if (reading.class === 'set-up fault') {
      return refused(
        reading.class,
        `${params.serviceName} can't change plans at the moment. Its provider has to mend that, and the operator can see it; the plan is as it was.`,
      )
    }
    return refused(
      'refused',
      reading.message ?? `${params.serviceName} refused to change the plan and gave no reason. It is as it was.`,
    )
  }

  async function commitOutcome(tx: Tx, { params, actor, id, found }: ChangePlanOperation): Promise<null> {
    const at = deps.world.now()
    const addon = await lockAddon(tx, params.addonId)
    // Removed meanwhile: its charge is closed and its plan no longer matters.
    if (addon?.state !== 'provisioned') return null
    await setPlan(tx, addon.id, { planId: params.to.id, priceId: params.to.priceId, at })
    await setProvisionMessage(tx, addon.id, found.ask?.message ?? '', at)
    await splitCharge(tx, {
      id: params.chargeId,
      addonId: addon.id,
      // Its owner of today: the app may have been given away since the plan was asked for.
      ownerId: addon.ownerId,
      priceId: params.to.priceId,
      at,
    })
    await announceAddon(
      tx,
      deps.world,
      { id, actor },
      { action: 'update', was: addon, is: { planName: params.to.name } },
    )
    return null
  }

  /** Only when the answer brought new config: a plan alone restarts nothing. */
  async function releaseNewConfig(_: StepContext, { params, actor }: ChangePlanOperation): Promise<Decision<null>> {
    await releaseConfig(deps, params.addonId, { actor, notBefore: later(deps.world.now(), 0) })
    return { decided: 'done', found: null }
  }
}

function refused(kind: string, reason: string): Decision<PlanChanged> {
  return { decided: 'unwind', reason, found: { class: kind, message: null } }
}
