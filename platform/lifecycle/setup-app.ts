import { WireError } from '@mortise/contract/errors'
import { requireRoom } from '../accounts/quotas.js'
import { findApp, lockApp } from '../apps/store.js'
import { beginBuild } from '../builds/begin-build.js'
import { outputContext } from '../builds/build.js'
import { findInArchive } from '../builds/read-archive.js'
import { insertSource } from '../builds/source-store.js'
import { findBuild, putBuildpacks } from '../builds/store.js'
import type { Tx } from '../db/db.js'
import { dynoSizeOf, quantityMax } from '../formation/formation.js'
import { listFormation, setFormation } from '../formation/store.js'
import { requestScale } from '../releases/roll-store.js'
import { currentRelease } from '../releases/store.js'
import { Against, type Decision, type Operation, type Saga, type StepContext, saga } from '../saga/saga.js'
import { findOperation } from '../saga/store.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { derivedId } from '../world/derived-id.js'
import { backOffMs, beat } from '../world/world.js'
import { type AppJson, appJsonBytesMax, type Overrides, readAppJson } from './app-json.js'
import { beginDestroying, createApp, type DestroyAppParams, type NewApp } from './app-lifecycle.js'
import type { ChangeAppParams } from './change-app.js'
import type { ChangeOrder } from './change-set.js'
import { orderable } from './create-addon.js'
import type { LifecycleDeps } from './deps.js'
import { beginChange } from './order-change.js'
import { rehearseChange } from './preview-change.js'
import { NameTaken, type ProvisionParams } from './provision.js'

/** What is kept sealed: addresses of archives and values of config are secrets. */
export interface SetupOrder {
  /** Where the archive is got; with its token when it is ours. */
  url: string
  /** Where builds find it: without a token when it is ours. */
  source: { id: string; url: string; isNew: boolean }
  checksum: string | null
  version: string | null
  overrides: Overrides
}

export interface SetupAppParams {
  appId: string
  appName: string
  /** `SetupOrder`, sealed, in base64. */
  order: string
}

/** `app`: an `AppJson`, sealed; `errors`: what is wrong with it. */
export type Read = { app: string } | { errors: string[] }
export interface Found {
  begin: null
  'read app.json': Read
  /** `epoch`: of the drive that began the change, which goes on with it. */
  order: { changeId: string | null; epoch: number }
  'await add-ons': null
  build: { buildId: string }
  'await build': null
  scale: null
  /** Its output is sealed, in base64. */
  postdeploy: { code: number; output: string } | null
}
export type SetupOperation = Operation<SetupAppParams, Found>

interface OtherStories {
  changeApp: Saga<ChangeAppParams>
  provisionTogether: Saga<ProvisionParams>
  destroyApp: Saga<DestroyAppParams>
}

/** A command may take half an hour, and a lease is a minute. */
const renewMs = 15_000
const againFirstMs = 500
const againMostMs = 10_000
/** The end of the change wakes the set-up; a provider may take 12 hours, and each look is a line of the story. */
const addonsAgainMostMs = 300_000
/** Somebody's server that does not hand over its archive is asked so often. */
const readTriesMax = 4
const orderContext = (id: string) => `setups:${id}:order`
const foundContext = (id: string) => `setups:${id}:found`

/**
 * Makes an app from an archive with an app.json in it: config and add-ons as one release, then a build, the formation, and
 * the command for after the first deploy. The app is there from the order on; whatever goes wrong, it goes again with all
 * that was made for it. Its removal is a story of its own, so that a provider who does not answer holds up nothing here.
 */
export function setupAppSaga(deps: LifecycleDeps, stories: OtherStories): Saga<SetupAppParams> {
  return saga<SetupAppParams>('app.setup')
    .local('begin', { do: async () => null, undo: takeAway })
    .call('read app.json', { do: read })
    .local('order', { do: order })
    .call('await add-ons', { do: awaitAddons })
    .local('build', { do: build })
    .call('await build', { do: awaitBuild })
    .local('scale', { do: scale })
    .call('postdeploy', { do: postdeploy })

  async function takeAway(tx: Tx, { id, params, actor }: SetupOperation): Promise<void> {
    const app = await lockApp(tx, params.appId)
    // Its owner may have destroyed it meanwhile.
    if (app?.state !== 'live') return
    const removal = await beginDestroying(tx, deps, stories.destroyApp, { app, actor, parentId: id })
    // Nobody waits for any of it here.
    for (const begun of [...(removal.found.intend?.children ?? []), removal.id]) await deps.engine().handOn(tx, begun)
  }

  async function read(_: StepContext, operation: SetupOperation): Promise<Decision<Read>> {
    const given = openOrder(deps, operation)
    if (!deps.setup) return again(operation, 'Waits for a process that can fetch the source.')
    const answer = await deps.setup.openArchive(given.url)
    if (answer.got === 'refused') {
      const reason = `The source could not be fetched: ${answer.reason}.`
      return operation.tries < readTriesMax ? again(operation, reason) : { decided: 'unwind', reason }
    }
    const found = await findInArchive(answer.body, 'app.json', appJsonBytesMax)
    if ('problem' in found) return { decided: 'unwind', reason: found.problem }
    const result = readAppJson(found.found.toString('utf8'), given.overrides)
    if ('errors' in result) {
      return {
        decided: 'unwind',
        reason: `app.json can't be used. ${result.errors[0]}`,
        found: { errors: result.errors },
      }
    }
    const sealed = deps.secrets.seal(JSON.stringify(result.app), foundContext(operation.id)).toString('base64')
    return { decided: 'done', found: { app: sealed } }
  }

  /** All of app.json that is config, as one change of the app: one release when its add-ons are there. */
  async function order(tx: Tx, operation: SetupOperation): Promise<Found['order']> {
    const { params, actor, epoch } = operation
    const changeId = derivedId('setup change', operation.id)
    if (await findOperation(tx, changeId)) return { changeId, epoch }
    const wanted = appJsonOf(deps, operation)
    const app = await lockApp(tx, params.appId)
    if (app?.state !== 'live') throw new Against('The app was destroyed while it was being set up.')
    try {
      if (wanted.buildpacks.length) await putBuildpacks(tx, app.id, wanted.buildpacks, deps.world.now())
      const config = Object.fromEntries(Object.entries(wanted.env).map(([name, value]) => [name, value ?? newToken()]))
      const create: ChangeOrder['create'][number][] = []
      for (const { plan, as, options } of wanted.addons) {
        create.push({ ...(await orderable(deps, { app, plan, name: null, actor })), name: null, as, options })
      }
      if (create.length + Object.keys(config).length === 0) return { changeId: null, epoch }
      const ordered: ChangeOrder = { config, create, attach: [], detach: [] }
      const rehearsed = await rehearseChange(tx, deps, stories.provisionTogether, { app, actor, order: ordered })
      await beginChange(tx, deps, stories.changeApp, { app, actor, order: ordered }, rehearsed, {
        id: changeId,
        parentId: operation.id,
      })
      return { changeId, epoch }
    } catch (error) {
      if (error instanceof WireError) throw new Against(error.message)
      if (error instanceof NameTaken) throw new Against(`Two parts of app.json want the name ${error.taken}.`)
      throw error
    }
  }

  async function awaitAddons(context: StepContext, operation: SetupOperation): Promise<Decision<null>> {
    const { changeId, epoch } = operation.found.order ?? { changeId: null, epoch: 0 }
    if (!changeId) return { decided: 'done', found: null }
    const begun = await findOperation(deps.db, changeId)
    // Begun by this very drive: nobody else works on it before its lease runs out.
    if (operation.epoch === epoch && begun?.epoch === 1 && begun.state === 'running') {
      await Promise.race([deps.engine().drive(begun), deps.world.sleep(deps.patience.customerWaitMs)])
      await context.renew()
    }
    const change = await findOperation(deps.db, changeId)
    if (change?.state === 'done') return { decided: 'done', found: null }
    if (!change || change.endedAt || change.state === 'unwinding')
      return { decided: 'unwind', reason: change?.reason ?? 'The add-ons of app.json could not be made.' }
    return again(operation, change.reason ?? 'Waits for the add-ons of app.json.', addonsAgainMostMs)
  }

  async function build(tx: Tx, operation: SetupOperation): Promise<{ buildId: string }> {
    const { params, actor } = operation
    const { source, checksum, version } = openOrder(deps, operation)
    const app = await lockApp(tx, params.appId)
    if (app?.state !== 'live') throw new Against('The app was destroyed while it was being set up.')
    // The operation has one build, so its id is the build's: a step that runs twice finds it.
    const id = operation.id
    if (await findBuild(tx, id)) return { buildId: id }
    const at = deps.world.now()
    if (source.isNew) await insertSource(tx, { id: source.id, accountId: actor.id, hash: tokenHash(newToken()), at })
    await beginBuild(tx, deps.world, {
      id,
      appId: app.id,
      accountId: actor.id,
      sourceId: source.id,
      sourceUrl: source.url,
      sourceChecksum: checksum,
      sourceVersion: version,
      sourceDescription: null,
      purpose: 'deploy',
      stack: app.stack,
      buildpacks: null,
      sealed: deps.secrets.seal(newToken(), outputContext(id)),
      releaseId: null,
      at,
    })
    return { buildId: id }
  }

  async function awaitBuild(_: StepContext, operation: SetupOperation): Promise<Decision<null>> {
    const found = await findBuild(deps.db, operation.id)
    if (!found || found.status === 'failed')
      return { decided: 'unwind', reason: `The build failed. ${found?.message ?? ''}`.trim() }
    if (found.status === 'pending') return again(operation, 'Waits for the build.')
    const release = await currentRelease(deps.db, operation.params.appId)
    if (release?.status === 'failed')
      return { decided: 'unwind', reason: `The first release failed. ${release.message ?? ''}`.trim() }
    const hasCommand = appJsonOf(deps, operation).postdeploy !== null
    // Its own command comes after that of the release.
    if (hasCommand && release?.status === 'pending') return again(operation, 'Waits for the release.')
    return { decided: 'done', found: null }
  }

  async function scale(tx: Tx, operation: SetupOperation): Promise<null> {
    const { formation } = appJsonOf(deps, operation)
    if (Object.keys(formation).length === 0) return null
    const app = await lockApp(tx, operation.params.appId)
    if (app?.state !== 'live') throw new Against('The app was destroyed while it was being set up.')
    const at = deps.world.now()
    const types = await listFormation(tx, app.id)
    for (const [type, wanted] of Object.entries(formation)) {
      const line = types.find((one) => one.type === type)
      if (!line) throw new Against(`formation.${type}: the source has no process type "${type}".`)
      const quantity = wanted.quantity ?? line.quantity
      const size = wanted.size === undefined ? line.size : dynoSizeOf(wanted.size)
      if (size === null) throw new Against(`formation.${type}: there is no dyno size "${wanted.size}".`)
      if (quantity > quantityMax) throw new Against(`formation.${type}: at most ${quantityMax} dynos.`)
      await setFormation(tx, line.id, { quantity, size, at })
    }
    await requestScale(tx, { appId: app.id, at })
    return null
  }

  /** At least once: when a crash of ours comes between its end and the record of it, it runs again. */
  async function postdeploy(context: StepContext, operation: SetupOperation): Promise<Decision<Found['postdeploy']>> {
    const { postdeploy: command } = appJsonOf(deps, operation)
    if (command === null) return { decided: 'done', found: null }
    const app = await findApp(deps.db, operation.params.appId)
    if (app?.state !== 'live') return { decided: 'unwind', reason: 'The app was destroyed while it was being set up.' }
    if (!deps.setup) return again(operation, 'Waits for the process that runs apps.')
    const stopRenewing = beat(deps.world, renewMs, () => context.renew())
    const ran = await deps.setup.runOnce(app, command, operation.actor).finally(stopRenewing)
    if ('refused' in ran) return { decided: 'unwind', reason: `The postdeploy command could not run. ${ran.refused}` }
    const output = deps.secrets.seal(ran.output, foundContext(operation.id)).toString('base64')
    const found = { code: ran.code ?? 1, output }
    if (ran.code === 0) return { decided: 'done', found }
    return { decided: 'unwind', reason: `The postdeploy command ended with ${ran.code ?? 'a signal'}.`, found }
  }

  function again(operation: SetupOperation, reason: string, mostMs = againMostMs): Decision<never> {
    return { decided: 'again', afterMs: backOffMs(deps.world, operation.tries, againFirstMs, mostMs), reason }
  }
}

type Sealing = Pick<LifecycleDeps, 'secrets'>

/**
 * The app and the order to set it up are there together, or neither. The caller drives it.
 * @throws WireError as `createApp`, and 429 as a build where its owner has as many under way as it may
 */
export async function beginSetup(
  deps: LifecycleDeps,
  story: Saga<SetupAppParams>,
  order: SetupOrder,
  newApp: NewApp,
): Promise<SetupOperation> {
  const id = deps.world.id()
  const sealed = deps.secrets.seal(JSON.stringify(order), orderContext(id)).toString('base64')
  let begun: SetupOperation | undefined
  await createApp(deps, newApp, async (tx, app) => {
    await requireRoom(tx, { ownerId: app.ownerId, name: 'builds', at: deps.world.now() })
    const params = { appId: app.id, appName: app.name, order: sealed }
    const beginning = { id, subject: id, appId: app.id, actor: newApp.actor, params }
    begun = (await deps.engine().begin(tx, story, beginning)) as SetupOperation
  })
  if (!begun) throw new Error('an app was made without its setup')
  return begun
}

function openOrder({ secrets }: Sealing, { id, params }: SetupOperation): SetupOrder {
  return JSON.parse(secrets.open(Buffer.from(params.order, 'base64'), orderContext(id)))
}

/** What the archive's app.json asks for; only once it was read. */
export function appJsonOf({ secrets }: Sealing, { id, found }: SetupOperation): AppJson {
  const read = found['read app.json']
  if (!read || !('app' in read)) throw new Error('app.json was not read yet')
  return JSON.parse(secrets.open(Buffer.from(read.app, 'base64'), foundContext(id)))
}

export function postdeployOutput({ secrets }: Sealing, { id, found }: SetupOperation): string {
  return found.postdeploy ? secrets.open(Buffer.from(found.postdeploy.output, 'base64'), foundContext(id)) : ''
}
