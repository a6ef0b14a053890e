import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { optionProblems } from '@mortise/contract/manifest/options'
import { type Addon, addonNameProblem, generatedName } from '../addons/addon.js'
import { addonById, findAddon, listBilledTo } from '../addons/store.js'
import type { App } from '../apps/app.js'
import { regionsHere } from '../apps/place.js'
import { lockApp } from '../apps/store.js'
import { mayInstall, mayKnow } from '../catalog/installable.js'
import { passesOf } from '../catalog/pass-store.js'
import type { Plan, Service } from '../catalog/service.js'
import { defaultPlan, findPlan, findService, serviceById } from '../catalog/store.js'
import { type Db, type Tx, transact } from '../db/db.js'
import type { Actor, Operation, Saga } from '../saga/saga.js'
import { refusedServices } from '../teams/allowed-store.js'
import { type ChosenNames, chooseNames, type Leaving } from './choose-names.js'
import type { LifecycleDeps } from './deps.js'
import { type Asked, NameTaken, optionsContext, type ProvisionParams } from './provision.js'

export interface AddonOrder {
  app: App
  /** `service:plan`, or the service alone for its default plan. */
  plan: string
  name: string | null
  as: string | null
  confirm: string | null
  options: Record<string, string | boolean | number | null>
  actor: Actor
}

/**
 * Orders an add-on. The intent is durable before the provider is asked; what is not decided within the
 * customer's wait goes on by itself.
 * @throws WireError for everything that is decided against, with the provider's words where it has some
 */
export async function createAddon(deps: LifecycleDeps, saga: Saga<ProvisionParams>, order: AddonOrder): Promise<Addon> {
  const { service, plan } = await orderable(deps, order)
  const operation = await begin(deps, saga, order, service, plan)
  const settled = await Promise.race([deps.engine().drive(operation), deps.world.sleep(deps.patience.customerWaitMs)])
  return answerFor(deps, operation, settled ?? undefined)
}

/** Which app an add-on is for; one that is not made yet has no name. */
type For = Pick<App, 'ownerId' | 'region'> & Partial<Pick<App, 'id' | 'name'>>

/** What was ordered, if it is there and may be ordered for this app. @throws WireError 403 or 422 with the reason */
export async function orderable(
  deps: LifecycleDeps,
  order: Pick<AddonOrder, 'plan' | 'name' | 'actor'> & { app: For },
): Promise<{ service: Service; plan: Plan }> {
  const { service, plan } = await chosenPlan(deps.db, order.plan)
  const { id: accountId } = order.actor
  const installation = { localhost: deps.localhost }
  const passes = await passesOf(deps.db, accountId)
  const refusal = mayInstall(service, plan, accountId, installation, passes)
  if (refusal) throw invalid(refusal)
  // A plan for invited people is as good as not there for the others, the operator's own orders among them.
  if (!mayKnow(plan, service, { id: accountId, isOperator: false }, installation, passes)) {
    throw noSuchOrder(order.plan, service)
  }
  const [refused] = await refusedServices(deps.db, order.app.ownerId, [service.id])
  if (refused) {
    throw new WireError(
      'forbidden',
      `The team ${refused.team} does not allow ${service.name} on its apps. Ask one of its admins to allow it.`,
      order.app.id && order.app.name ? { app: { id: order.app.id, name: order.app.name } } : undefined,
    )
  }
  const refusedThere = refusedIn(order.app.region, service, plan)
  if (refusedThere) throw invalid(refusedThere)
  if (order.name !== null) {
    const problem = addonNameProblem(order.name)
    if (problem) throw invalid(problem)
  }
  return { service, plan }
}

/** Why it can't be had in a region, and where it can; undefined where it can. */
function refusedIn(region: string, service: Service, plan: Plan): string | undefined {
  const { regions } = service.manifest.api
  const isOffered = regions.includes('*') || regions.includes(region)
  if (!isOffered) {
    return `${service.name} is not available in region ${region}; it is in ${regionsHere(regions)}. Choose another service, or an app that runs there.`
  }
  if (!plan.regions || plan.regions.includes(region)) return undefined
  const sold = plan.regions.filter((name) => regions.includes('*') || regions.includes(name))
  return `The plan ${plan.fullName} is not sold in region ${region}; it is in ${regionsHere(sold)}. See the others with addons:plans ${service.name}, or choose an app that runs there.`
}

/** @throws WireError 422 in the words that clients look for */
async function chosenPlan(db: Db, wanted: string): Promise<{ service: Service; plan: Plan }> {
  const plan = (await findPlan(db, wanted)) ?? (await planOfService(db, wanted))
  const service = plan ? await serviceById(db, plan.serviceId) : undefined
  if (!plan || !service) {
    const [slug] = wanted.split(':')
    throw noSuchOrder(wanted, slug ? await findService(db, slug) : undefined)
  }
  return { service, plan }
}

/** @param known the service, where that much was right */
function noSuchOrder(wanted: string, known: Service | undefined): WireError {
  const hint = known
    ? ` See the plans of ${known.name} with addons:plans ${known.name}.`
    : ' See what there is with addons:services.'
  return invalid(`Couldn't find either the add-on service or the add-on plan of "${wanted}".${hint}`)
}

async function planOfService(db: Db, identity: string): Promise<Plan | undefined> {
  const service = await findService(db, identity)
  return service && defaultPlan(db, service.id)
}

async function begin(
  deps: LifecycleDeps,
  saga: Saga<ProvisionParams>,
  order: AddonOrder,
  service: Service,
  plan: Plan,
): Promise<Operation<ProvisionParams>> {
  const { world } = deps
  return transact(deps.db, async (tx) => {
    const app = await lockApp(tx, order.app.id)
    if (app?.state !== 'live') throw notFound('app')
    const { params } = await provisionParams(tx, deps, { ...order, app, service, plan })
    return deps
      .engine()
      .begin(tx, saga, { id: world.id(), subject: params.addonId, appId: app.id, actor: order.actor, params })
  }).catch((error) => {
    throw error instanceof NameTaken ? nameTaken(error.taken) : error
  })
}

/** Decides ids and names under the app's lock. @throws WireError 422 or 423 when something of that can't be */
export async function provisionParams(
  tx: Tx,
  deps: LifecycleDeps,
  order: Omit<AddonOrder, 'plan' | 'actor'> & { service: Service; plan: Plan; leaving?: Leaving },
): Promise<{ params: ProvisionParams; chosen: ChosenNames }> {
  const { world } = deps
  const { app, service, plan } = order
  const at = world.now()
  const same = (await listBilledTo(tx, app.id)).filter((addon) => addon.serviceId === service.id)
  if (same[0] && !service.manifest.api.requires.includes('many_per_app')) {
    throw invalid(
      `${app.name} has ${service.name} already (${same[0].name}), and its provider allows one per app. Change its plan with addons:upgrade, or destroy it first.`,
    )
  }
  const problems = optionProblems(service.manifest.options, order.options)
  if (problems.length) throw invalid(`${service.name} can't be created with these options. ${problems.join(' ')}`)
  const chosen = await chooseNames(tx, world, {
    app,
    service,
    wanted: order.as,
    confirm: order.confirm,
    leaving: order.leaving,
  })
  const addonId = world.id()
  const name = order.name ?? (await freeAddonName(tx, deps, service.name, at))
  if (order.name !== null && (await isTaken(tx, order.name, at))) throw nameTaken(order.name)
  const params: ProvisionParams = {
    addonId,
    name,
    appId: app.id,
    serviceId: service.id,
    serviceName: service.name,
    planId: plan.id,
    planName: plan.fullName,
    priceId: plan.priceId,
    ownerId: app.ownerId,
    region: app.region,
    options: deps.secrets.seal(JSON.stringify(optionTexts(order.options)), optionsContext(addonId)).toString('base64'),
    questionId: world.id(),
    grantId: world.id(),
    drainId: world.id(),
    chargeId: world.id(),
    attachment: {
      id: world.id(),
      name: chosen.name,
      configNames: chosen.configNames,
      replaces: chosen.replaces?.id ?? null,
      detach: chosen.detach.map((attachment) => attachment.id),
      dropVars: chosen.dropVars,
    },
  }
  return { params, chosen }
}

export const nameTaken = (name: string) =>
  invalid(`Name is already taken: there is an add-on ${name}. Choose another with --name.`)

/** A failed add-on's name is free: only live ones keep theirs. */
async function isTaken(db: Db, name: string, at: Date): Promise<boolean> {
  const found = await findAddon(db, name, at)
  return found !== undefined && found.state !== 'deprovisioned'
}

async function freeAddonName(db: Db, deps: LifecycleDeps, serviceName: string, at: Date): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const name = generatedName(serviceName, deps.world.chance)
    if (!(await isTaken(db, name, at))) return name
  }
  throw new Error(`no free name for an add-on of ${serviceName} was found in 20 draws of some four million`)
}

/** Providers get texts only: a typed one answered 400 to `true` and 200 to `"true"`. */
function optionTexts(options: AddonOrder['options']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, String(value)]),
  )
}

/** The add-on as it is now, or the error that says why there is none. */
async function answerFor(
  deps: LifecycleDeps,
  begun: Operation<ProvisionParams>,
  settled: Operation | undefined,
): Promise<Addon> {
  const addon = await addonById(deps.db, begun.params.addonId)
  if (!addon) throw new Error(`add-on ${begun.params.addonId} is lost`)
  if (settled?.state === 'unwound') {
    const asked = (settled.found as { ask?: Asked }).ask
    const words = settled.reason ?? addon.provisionMessage
    throw new WireError(asked?.class === 'not sent' ? 'provider_unreachable' : 'provider_refused', words)
  }
  if (addon.state !== 'provisioning') return addon
  const parked = settled?.state === 'parked'
  const sentence = parked
    ? `${addon.name} is being created in the background. The app will restart when it is ready.`
    : `${addon.serviceName} has not given a clear answer yet and is asked again. The app will restart when ${addon.name} is ready.`
  return { ...addon, provisionMessage: addon.provisionMessage || sentence }
}
