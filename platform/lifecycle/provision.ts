import { grantMinutes } from '@mortise/contract/partner-api/oauth'
import type { ProvisionQuestion } from '@mortise/contract/partner-api/provision'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { requireRoom } from '../accounts/quotas.js'
import type { AddonFacts } from '../addons/addon.js'
import {
  dropStaged,
  findCredential,
  insertCredential,
  promoteStaged,
  shredAll,
  valuesOf,
} from '../addons/credential-store.js'
import { logInputUrl } from '../addons/log-input.js'
import { addonById, insertAddon, lockAddon, moveAddon, noteProviderId } from '../addons/store.js'
import { findRegion } from '../apps/place.js'
import { appById, lockApp } from '../apps/store.js'
import {
  findAttachment,
  finishReplacing,
  giveBackConfigNames,
  insertAttachment,
  replacedBy,
  seizeConfigNames,
} from '../attachments/store.js'
import { confirmCharge, openCharge, voidCharge } from '../billing/store.js'
import { isSafeToRepeat } from '../catalog/safe-to-repeat.js'
import type { Service } from '../catalog/service.js'
import { serviceById } from '../catalog/store.js'
import { ring } from '../db/bell.js'
import { type Tx, transact } from '../db/db.js'
import { drainContext, drainUrlOf } from '../drains/drain.js'
import { drainNamed, drainsBell, setDrainUrl } from '../drains/store.js'
import { appendEvent } from '../events/store.js'
import { endLogInputs, findLogInput } from '../logs/log-input-store.js'
import { type Reading, readProvision } from '../partner/answers.js'
import { callbackUrl, herokuId } from '../partner/client.js'
import { insertGrant, revokeGrants } from '../partner/grant-store.js'
import { keepAnswer } from '../partner/kept-answer.js'
import * as ledger from '../partner/ledger-store.js'
import * as questions from '../partner/question-store.js'
import { applyChange } from '../releases/change.js'
import { type Decision, type Operation, type Saga, type StepContext, saga } from '../saga/saga.js'
import { findOperation } from '../saga/store.js'
import { tokenHash } from '../secrets/tokens.js'
import { later, spreadMs } from '../world/world.js'
import { announceAddon } from './announce-addon.js'
import { type LifecycleDeps, providerOf } from './deps.js'
import { detachOne } from './detach-one.js'
import { hurryTry } from './hurry-try.js'
import { giveLogAccess } from './log-access.js'
import { nextProvisionTry, spanWords } from './patience.js'

export interface ProvisionParams {
  addonId: string
  name: string
  appId: string
  serviceId: string
  serviceName: string
  planId: string
  planName: string
  priceId: string
  ownerId: string
  region: string
  /** Sealed, in base64: options may hold secrets. */
  options: string
  questionId: string
  grantId: string
  /** Of the drain on the billing app, for a service that asks for one. */
  drainId: string
  chargeId: string
  attachment: {
    id: string
    name: string
    configNames: Record<string, string>
    /** The attachment whose name it takes over, as the customer confirmed. */
    replaces: string | null
    /** Attachments of other names that go, because they own a config var that it takes over, as the customer confirmed. */
    detach: string[]
    /** The customer's own vars that it takes over, as the customer confirmed. */
    dropVars: string[]
  }
}

/** What the ask came to; `call-back` when the provider said so by itself. */
export interface Asked {
  class: Reading['class'] | 'call-back' | 'expired' | 'failed'
  [name: string]: string | null
  message: string | null
}

type ProvisionOperation = Operation<ProvisionParams, { intend: null; ask: Asked }>

export const optionsContext = (addonId: string) => `addons:${addonId}:options`
const grantCode = (deps: LifecycleDeps, questionId: string, attempt: number) =>
  deps.secrets.derive(`grant:${questionId}:${attempt}`).slice(0, 40)

/** The step at which an add-on that is created together with others waits for them. */
export const gathering = 'gather'

/**
 * A customer asks for an add-on; or for several changes at once, of which it is one. Then it waits, once its provider has
 * answered, until whoever ordered them all provisions them all, and is undone when that comes to nothing.
 */
export function provisionSagas(deps: LifecycleDeps): {
  provision: Saga<ProvisionParams>
  provisionTogether: Saga<ProvisionParams>
} {
  return {
    provision: saga<ProvisionParams>('addon.provision', ({ serviceId }) => serviceId)
      .local('intend', { do: recordIntent, undo: withdrawIntent })
      .call('ask', { do: askProvider, undo: oweIfItMayExist })
      // Nothing decides against it once the provider has answered, so there is nothing to undo.
      .local('settle', { do: commitOutcome }),
    provisionTogether: saga<ProvisionParams>('addon.provision-together', ({ serviceId }) => serviceId)
      .local('intend', { do: recordIntent, undo: withdrawIntent })
      .call('ask', { do: askProvider, undo: oweIfItMayExist })
      .call(gathering, { do: awaitOthers }),
  }

  /** Its part is done: whoever ordered it finishes it together with the others, or cancels it. */
  async function awaitOthers(_: StepContext, operation: ProvisionOperation): Promise<Decision<null>> {
    const { params, facts, parentId, createdAt } = operation
    if (facts['deprovisioned']) return { decided: 'unwind', reason: `${params.serviceName} could not create it.` }
    const whole = parentId ? await findOperation(deps.db, parentId) : undefined
    // Longer than the slowest of the others may take.
    const leftMs = createdAt.getTime() + 2 * deps.patience.provisioningMsMax - deps.world.now().getTime()
    if (!whole || whole.endedAt || leftMs <= 0) {
      return { decided: 'unwind', reason: whole?.reason ?? 'What it was ordered with was given up.' }
    }
    await transact(deps.db, (tx) => deps.engine().wake(tx, whole.id))
    return { decided: 'again', afterMs: leftMs, reason: 'waits for what it was ordered with' }
  }

  /** Everything that is ours to decide, before anything is sent: ids, names, grant, charge, ledger, question. */
  async function recordIntent(tx: Tx, { params, actor, id }: ProvisionOperation): Promise<null> {
    const at = deps.world.now()
    const { addonId, appId, attachment } = params
    // Run again it finds itself, and needs no more room.
    if (!(await addonById(tx, addonId))) await requireRoom(tx, { ownerId: params.ownerId, name: 'add-ons', at })
    const named = await insertAddon(tx, { ...params, id: addonId, options: Buffer.from(params.options, 'base64'), at })
    const attached = await insertAttachment(tx, {
      id: attachment.id,
      appId,
      addonId,
      name: attachment.name,
      namespace: null,
      credential: 'default',
      configNames: attachment.configNames,
      replaces: attachment.replaces,
      at,
    })
    // Both were looked up under the app's lock; only another app's add-on can have taken the name meanwhile.
    if (!named || !attached) throw new NameTaken(named ? attachment.name : params.name)
    await seizeConfigNames(tx, appId, Object.values(attachment.configNames), attachment.id)
    await insertGrantFor(tx, params, params.grantId, 1, at)
    const service = await serviceById(tx, params.serviceId)
    const addon = { id: addonId, serviceName: params.serviceName }
    if (service) await giveLogAccess(tx, deps, { addon, service, appId, drainId: params.drainId })
    await openCharge(tx, { id: params.chargeId, addonId, ownerId: params.ownerId, priceId: params.priceId, at })
    await ledger.recordAsked(tx, addonId, at)
    await questions.insertQuestion(tx, { id: params.questionId, addonId, operationId: id, kind: 'provision', at })
    await questions.insertFirstAttempt(tx, params.questionId, at)
    const event = { at, actor, appId, operationId: id }
    const facts: AddonFacts = { id: addonId, name: params.name, plan: params.planName, state: 'provisioning' }
    await appendEvent(tx, {
      ...event,
      id: deps.world.id(),
      action: 'create',
      resource: 'addon',
      subject: addonId,
      data: facts,
    })
    await appendEvent(tx, {
      ...event,
      id: deps.world.id(),
      action: 'create',
      resource: 'addon-attachment',
      subject: attachment.id,
      data: { id: attachment.id, name: attachment.name, addon: params.name },
    })
    return null
  }

  /** The customer's side is as it was, but that the failed add-on can be read for a while, with its reason. */
  async function withdrawIntent(tx: Tx, { params, actor, id, reason }: ProvisionOperation): Promise<void> {
    const at = deps.world.now()
    const { addonId, appId, attachment } = params
    await lockApp(tx, appId)
    const addon = await lockAddon(tx, addonId)
    await moveAddon(tx, addonId, ['provisioning'], 'deprovisioned', { message: reason ?? '', failed: true, at })
    await giveBackConfigNames(tx, appId, attachment.id)
    const attached = await findAttachment(tx, attachment.id)
    if (attached) await detachOne(tx, deps.world, attached, { actor, at, operationId: id })
    await dropStaged(tx, addonId)
    await shredAll(tx, addonId, at)
    await revokeGrants(tx, addonId, at)
    await endLogInputs(tx, addonId)
    await voidCharge(tx, addonId, at)
    // Asked and never sent: the ask's own undo has spoken before in every other case.
    await ledger.clearIfOnlyAsked(tx, addonId, at)
    if (addon)
      await announceAddon(
        tx,
        deps.world,
        { id, actor },
        { action: 'destroy', was: addon, is: { state: 'deprovisioned' } },
      )
  }

  /** One question, repeated with the same uuid until there is an answer or patience ends. */
  async function askProvider(context: StepContext, operation: ProvisionOperation): Promise<Decision<Asked>> {
    const { params, facts } = operation
    const provider = await providerOf(deps, params.serviceId)
    if (facts['deprovisioned']) return unwound('failed', `${params.serviceName} could not create it.`, null)
    // A call-back is an authenticated answer: it ends doubt, too.
    if (facts['provisioned']) return { decided: 'done', found: { class: 'call-back', message: null } }
    if (context.isAgain) {
      await questions.markUnanswered(
        deps.db,
        params.questionId,
        'we stopped between question and answer',
        deps.world.now(),
      )
    }
    for (;;) {
      const attempts = await questions.attemptsOf(deps.db, params.questionId)
      const takesRepeats = await isSafeToRepeat(deps.db, provider.service)
      const onRecord = nextProvisionTry(attempts, takesRepeats, deps.world.now(), deps.patience)
      const about = { operationId: operation.id, serviceId: params.serviceId, attempts }
      const step = await hurryTry(deps, about, onRecord)
      if (step.next === 'have') return { decided: 'done', found: { class: 'ok', message: null } }
      if (step.next === 'parked') return parked(step.since)
      if (step.next === 'give up') return unwound(step.class, giveUpWords(params, step), step.message)
      if (step.next === 'later')
        return { decided: 'again', afterMs: spreadMs(deps.world, step.afterMs), reason: step.reason }
      if (step.next === 'soon') {
        await context.world.sleep(step.afterMs)
        await context.renew()
      }
      const number = step.number ?? (await newAttempt(params))
      // A pause of ours (a stopped process, a slow disk) must not let a second asker in behind us.
      if (number > 1) await context.renew()
      const reading = await ask(provider, operation, number)
      if (reading.class === 'ok') return { decided: 'done', found: { class: 'ok', message: reading.message } }
      const told = await deps.engine().factsOf(operation.id)
      if (told['provisioned']) return { decided: 'done', found: { class: 'call-back', message: null } }
      if (told['deprovisioned']) return unwound('failed', `${params.serviceName} could not create it.`, null)
    }
  }

  function parked(since: Date): Decision<Asked> {
    const until = later(since, deps.patience.provisioningMsMax)
    if (deps.world.now() >= until) {
      return unwound(
        'expired',
        `The provider did not finish within ${spanWords(deps.patience.provisioningMsMax)}. Nothing is billed; you can order it again.`,
        null,
      )
    }
    return { decided: 'park', until, reason: 'the provider works on it' }
  }

  async function newAttempt(params: ProvisionParams): Promise<number> {
    const at = deps.world.now()
    return transact(deps.db, async (tx) => {
      const number = await questions.insertAttempt(tx, params.questionId, at)
      await insertGrantFor(tx, params, deps.world.id(), number, at)
      return number
    })
  }

  async function insertGrantFor(tx: Tx, params: ProvisionParams, id: string, attempt: number, at: Date): Promise<void> {
    const hash = tokenHash(grantCode(deps, params.questionId, attempt))
    await insertGrant(tx, { id, addonId: params.addonId, hash, expiresAt: later(at, grantMinutes * 60_000), at })
  }

  /** Sends one attempt and keeps what came of it: the provider's id and the staged values together with the answer. */
  async function ask(
    provider: Awaited<ReturnType<typeof providerOf>>,
    operation: ProvisionOperation,
    number: number,
  ): Promise<Reading> {
    const { params } = operation
    const answer = await deps.partner.provision(provider, await questionFor(provider.service, params, number))
    const reading = readProvision(answer, provider.service.manifest.api.config_vars)
    await transact(deps.db, async (tx) => {
      const at = deps.world.now()
      const mayExist = ['ok', 'accepted', 'doubt', 'defective'].includes(reading.class)
      // Before the attempt, as whoever cancels does: the other way round, a deadlock lost the answer.
      const addon = await lockAddon(tx, params.addonId)
      await questions.recordAnswer(tx, params.questionId, number, {
        ...reading,
        mayExist,
        exchange: answer.exchange,
        at,
      })
      await keepAnswer(tx, deps, { questionId: params.questionId, number, class: reading.class }, answer)
      if (reading.providerId !== null) await noteProviderId(tx, params.addonId, reading.providerId)
      // Whoever was cancelled meanwhile keeps nothing: there is no add-on left to give values to.
      if (reading.class === 'ok' && addon?.state === 'provisioning') {
        await stageConfig(tx, deps, params.addonId, reading.config, at)
      }
      await keepDrainUrl(tx, params, reading.logDrainUrl, at)
      if (reading.message && (reading.class === 'ok' || reading.class === 'accepted')) {
        await moveAddon(tx, params.addonId, ['provisioning'], 'provisioning', { message: reading.message, at })
      }
    })
    return reading
  }

  /** Where the provider wants the app's log. Lines go there once the add-on is provisioned. */
  async function keepDrainUrl(tx: Tx, params: ProvisionParams, given: string | null, at: Date): Promise<void> {
    const url = given === null ? null : drainUrlOf(given, deps.localhost)
    const drain = await drainNamed(tx, { addonId: params.addonId }, params.drainId)
    if (url === null || !drain) return
    await setDrainUrl(tx, drain.id, deps.secrets.seal(url, drainContext(drain.id)), at)
  }

  /** Only what the manifest asks for. */
  async function logFields(params: ProvisionParams): Promise<Partial<ProvisionQuestion>> {
    const drain = await drainNamed(deps.db, { addonId: params.addonId }, params.drainId)
    const input = await findLogInput(deps.db, deps.secrets, params.addonId, params.appId)
    return {
      ...(drain ? { log_drain_token: drain.token } : {}),
      ...(input === null ? {} : { log_input_url: logInputUrl(deps.publicUrl(), input) }),
    }
  }

  async function questionFor(service: Service, params: ProvisionParams, attempt: number): Promise<ProvisionQuestion> {
    const app = await appById(deps.db, params.appId)
    const expires = later(deps.world.now(), grantMinutes * 60_000)
    const region = findRegion(params.region)?.provider
    const options: Record<string, string> = JSON.parse(
      deps.secrets.open(Buffer.from(params.options, 'base64'), optionsContext(params.addonId)),
    )
    return {
      ...(await logFields(params)),
      callback_url: callbackUrl(deps.publicUrl(), service, params.addonId, app?.number ?? null),
      ...(app ? { heroku_id: herokuId(app.number) } : {}),
      logplex_token: null,
      name: params.name,
      oauth_grant: {
        code: grantCode(deps, params.questionId, attempt),
        type: 'authorization_code',
        // Without fractions of a second, as in Heroku's own: who reads it by a fixed pattern fails on more.
        expires_at: timestamp(expires),
      },
      options,
      plan: params.planName.split(':')[1] ?? params.planName,
      region: region ? `${region.name}::${region.region}` : params.region,
      uuid: params.addonId,
    }
  }

  /** What may exist at the provider becomes a debt that the sweeper pays; a sick provider holds up nobody. */
  async function oweIfItMayExist(tx: Tx, { params, reason }: ProvisionOperation): Promise<void> {
    const at = deps.world.now()
    // Undone before the intent is, which begins with these: a debt comes after the app and its add-on, everywhere.
    await lockApp(tx, params.appId)
    await lockAddon(tx, params.addonId)
    const cutOff = await questions.markUnanswered(tx, params.questionId, 'cut off before the answer', at)
    const question = (await questions.questionsOf(tx, params.addonId)).find((one) => one.id === params.questionId)
    if (!question?.mayExist) return ledger.clear(tx, params.addonId, at)
    const attempts = await questions.attemptsOf(tx, params.questionId)
    const wasDoubtful = attempts.some((attempt) => attempt.class === 'doubt')
    const { service } = await providerOf({ ...deps, db: tx }, params.serviceId)
    const addon = await addonById(tx, params.addonId)
    if (service.protocol === 'heroku-v1' && !addon?.providerId) {
      return ledger.setStuck(
        tx,
        params.addonId,
        'may exist, id unknown: the provider never told the id by which it could be removed',
        at,
      )
    }
    // A call in flight may still arrive there: the first DELETE waits for it, and later ones look again.
    const nextAt = cutOff > 0 ? later(at, deps.patience.cutOffMs) : at
    await ledger.owe(tx, { addonId: params.addonId, wasDoubtful, reason: reason ?? 'unwound', nextAt, at })
  }

  /** The outcome, in one transaction: credential, release, charge, ledger, event. */
  async function commitOutcome(tx: Tx, { params, actor, id }: ProvisionOperation): Promise<null> {
    const at = deps.world.now()
    const app = await lockApp(tx, params.appId)
    if (!app) throw new Error(`the app of add-on ${params.addonId} is gone while its provision is open`)
    await becomeProvisioned(tx, deps, { id, params, actor }, at)
    await applyChange(tx, deps, {
      app,
      actor,
      accountId: actor.id,
      attachmentsChanged: true,
      dropVars: params.attachment.dropVars,
      operationId: id,
      description: `Attach ${params.attachment.name} (@ref:${params.name})`,
      rebuild: true,
    })
    return null
  }
}

/** Everything of the outcome but the app's release. The caller holds the app's lock. */
export async function becomeProvisioned(
  tx: Tx,
  deps: LifecycleDeps,
  { id, params, actor }: Pick<ProvisionOperation, 'id' | 'params' | 'actor'>,
  at: Date,
): Promise<void> {
  const addon = await lockAddon(tx, params.addonId)
  if (!addon) throw new Error(`add-on ${params.addonId} is gone while its provision is open`)
  await promoteStaged(tx, deps.secrets, { addonId: params.addonId, emptyId: deps.world.id(), at })
  const replaced = await replacedBy(tx, params.attachment.id)
  for (const gone of [...params.attachment.detach, ...(replaced ? [replaced] : [])]) {
    const attachment = await findAttachment(tx, gone)
    if (attachment) await detachOne(tx, deps.world, attachment, { actor, at, operationId: id })
  }
  if (replaced) await finishReplacing(tx, params.attachment.id)
  await moveAddon(tx, params.addonId, ['provisioning', 'provisioned'], 'provisioned', { at })
  await ring(tx, drainsBell)
  await ledger.hold(tx, params.addonId, at)
  await confirmCharge(tx, params.addonId, at)
  await announceAddon(tx, deps.world, { id, actor }, { action: 'update', was: addon, is: { state: 'provisioned' } })
}

/** A name that was free when it was looked up, and is not any more. */
export class NameTaken extends Error {
  readonly taken: string
  constructor(taken: string) {
    super(`the name ${taken} is in use`)
    this.taken = taken
  }
}

/** Values that a provider gave before the add-on is provisioned: merged, and no release yet. */
export async function stageConfig(
  tx: Tx,
  deps: Pick<LifecycleDeps, 'secrets' | 'world'>,
  addonId: string,
  config: Record<string, string | null>,
  at: Date,
): Promise<void> {
  const staged = await findCredential(tx, addonId, 'default', 'staged')
  const values: Record<string, string> = staged ? (valuesOf(deps.secrets, staged) ?? {}) : {}
  for (const [name, value] of Object.entries(config)) {
    if (value === null) delete values[name]
    else values[name] = value
  }
  await dropStaged(tx, addonId)
  await insertCredential(tx, deps.secrets, {
    id: deps.world.id(),
    addonId,
    name: 'default',
    state: 'staged',
    values,
    at,
  })
}

function unwound(kind: Asked['class'], reason: string, message: string | null): Decision<Asked> {
  return { decided: 'unwind', reason, found: { class: kind, message } }
}

/** What the customer reads when patience has ended. */
function giveUpWords(
  params: ProvisionParams,
  step: { class: Reading['class']; message: string | null; note: string },
): string {
  const name = params.serviceName
  if (step.class === 'not sent') return `Could not reach ${name}; nothing was created. Try again in a few minutes.`
  if (step.class === 'refused')
    return step.message ?? `${name} refused to create ${params.planName} and gave no reason.`
  if (step.class === 'set-up fault') {
    return `${name} can't be provisioned at the moment: its provider and this platform do not understand each other. Its provider has to mend that; the operator can see it.`
  }
  if (step.class === 'not now') return `${name} is too busy to create ${params.planName}. Try again later.`
  if (step.class === 'defective') {
    return `${name} answered with config that can't be used: ${step.note.replace(/\.$/, '')}. What it made is being removed; nothing is billed.`
  }
  return `${name} did not give a clear answer. Whatever it may have made is being removed; nothing is billed.`
}
