import { randomUUID } from 'node:crypto'
import { isUuid } from '@mortise/contract/identity'
import { type Answer, BadRequest } from './http.js'
import { type LogMessage, logsPath } from './log-frames.js'
import { isLater, type Later, Refused, Unavailable } from './outcome.js'
import type { Resource, ResourceStore } from './resource.js'
import type { Service } from './service.js'

/** What the platform asks for, already checked. */
export interface ProvisionRequest {
  /** Make the resource under this name: the same uuid may come again after a crash of yours. */
  uuid: string
  /** The add-on's unique name, as customers see it; null from platforms of the first generation. */
  name: string | null
  plan: string
  region: string
  options: Record<string, string>
  callbackUrl: string | null
  logInputUrl: string | null
  logDrainToken: string | null
}

export interface Provisioned {
  /** Names from the manifest's config_vars, with the service's own prefix. */
  config: Record<string, string>
  message?: string
  /** Where the app's log lines go; left out, to `logs` of this provider when there is one. */
  logDrainUrl?: string
}

export interface PlanChanged {
  /** Only what the change gave new values; each causes a release of the app. */
  config?: Record<string, string>
  message?: string
}

/** The provider's own work. Every function may be called again with the same uuid after a crash. */
export interface Work {
  provision(request: ProvisionRequest): Promise<Provisioned | Later>
  /** Absent: plans cannot be changed. */
  changePlan?(resource: Resource, plan: string): Promise<PlanChanged | Later | undefined>
  /** Also for what was made only in part, or not at all. Returning nothing means gone; `later()` means not yet. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an async function without a return is what most will write.
  deprovision(resource: Resource): Promise<Later | void>
  /**
   * Takes log lines of the app that a resource belongs to; the manifest requires `syslog_drain`. Frames may come twice:
   * `frameId` is the same then. Throw, and they are sent again, a few times.
   */
  logs?(resource: Resource, messages: LogMessage[], frameId: string | null): Promise<void>
}

export interface Verbs {
  provision(body: Record<string, unknown>): Promise<Answer>
  changePlan(uuid: string, body: Record<string, unknown>): Promise<Answer>
  deprovision(uuid: string): Promise<Answer>
}

const gone: Answer = { status: 410, body: { message: 'That resource was removed.' } }

/**
 * The three verbs of the Partner API over a store. Each one holds the claim on its uuid from first look to last
 * write, which is why the same request twice at once is one resource, and a removal waits for a running provision.
 */
export function createVerbs(service: Service, work: Work, store: ResourceStore): Verbs {
  return {
    async provision(body) {
      const request = readProvision(service, body)
      checkPlan(service, request.plan)
      return store.claim(request.uuid, async () => {
        const known = await store.get(request.uuid)
        if (known?.state === 'removed' || known?.state === 'removing') return gone
        // A 202 that was given is given again; the job behind it is not started twice.
        const isAnswered = known?.state === 'provisioned' || (known?.state === 'provisioning' && known.message !== null)
        if (known && isAnswered) return provisionAnswer(known)
        return provisionNow(request)
      })
    },

    async changePlan(uuid, body) {
      const { plan } = body
      if (typeof plan !== 'string' || !plan) throw new BadRequest(400, '"plan" is missing.')
      if (!isUuid(uuid)) return unknown
      return store.claim(uuid, async () => {
        const resource = await store.get(uuid)
        if (!resource) return unknown
        if (resource.state === 'removed' || resource.state === 'removing') return gone
        if (resource.state !== 'provisioned') throw new Refused('The resource is still being created.')
        if (resource.plan === plan) return { status: 200, body: resource.planAnswer ?? {} }
        checkPlan(service, plan)
        return changeNow(resource, plan)
      })
    },

    async deprovision(uuid) {
      if (!isUuid(uuid)) return gone
      return store.claim(uuid, async () => {
        const resource = await store.get(uuid)
        if (!resource || resource.state === 'removed') {
          // A tombstone even for the unknown: the request that makes it may still be on its way.
          await store.remove(uuid)
          return gone
        }
        if (resource.state === 'removing' && resource.message !== null) return removalAnswer(resource.message)
        await store.save({ ...resource, state: 'removing', message: null })
        const outcome = await work.deprovision(resource)
        if (!isLater(outcome)) {
          await store.remove(uuid)
          // The first generation's documentation asks for 200.
          return { status: service.protocol === '1' ? 200 : 204 }
        }
        await store.save({ ...resource, state: 'removing', message: outcome.message })
        return removalAnswer(outcome.message)
      })
    },
  }

  async function provisionNow(request: ProvisionRequest): Promise<Answer> {
    const blank = { config: null, message: null, logDrainUrl: null, planAnswer: null }
    const resource: Resource = { ...request, state: 'provisioning', ...blank }
    // Written before the work: after a crash, a removal knows that there may be something to remove.
    await store.save(resource)
    try {
      const outcome = await work.provision(request)
      const done: Resource = isLater(outcome)
        ? { ...resource, message: outcome.message }
        : {
            ...resource,
            state: 'provisioned',
            config: checkConfig(service, outcome.config),
            message: outcome.message ?? null,
            logDrainUrl: outcome.logDrainUrl ?? drainUrl(service, work, request),
          }
      await store.save(done)
      return provisionAnswer(done)
    } catch (error) {
      // With the words of a refusal nothing was made; without, nobody knows how far it came.
      await store.save({ ...resource, state: 'failed', message: refusalAnswer(error) ? wordsOf(error) : null })
      throw error
    }
  }

  async function changeNow(resource: Resource, plan: string): Promise<Answer> {
    if (!work.changePlan) throw new Refused('The plan of this add-on cannot be changed.')
    const outcome = (await work.changePlan(resource, plan)) ?? {}
    const config = isLater(outcome) || !outcome.config ? undefined : checkConfig(service, outcome.config)
    const planAnswer = { ...(config ? { config } : {}), ...(outcome.message ? { message: outcome.message } : {}) }
    await store.save({ ...resource, plan, config: { ...resource.config, ...config }, planAnswer })
    return { status: isLater(outcome) ? 202 : 200, body: planAnswer }
  }
}

const unknown: Answer = { status: 404, body: { message: 'There is no such resource.' } }

function removalAnswer(message: string): Answer {
  return { status: 202, body: { message } }
}

/** Made from the stored resource alone, so that every repeat reads the same. */
function provisionAnswer({ uuid, state, config, message, logDrainUrl }: Resource): Answer {
  const words = message ? { message } : {}
  if (state === 'provisioning') return { status: 202, body: { id: uuid, ...words } }
  return { status: 200, body: { id: uuid, config, ...words, ...(logDrainUrl ? { log_drain_url: logDrainUrl } : {}) } }
}

/** Where the app's log lines are to be sent, if they were asked for. */
function drainUrl({ origin }: Service, { logs }: Work, { uuid, logDrainToken }: ProvisionRequest): string | null {
  return logs && logDrainToken && origin ? `${origin}${logsPath}/${uuid}` : null
}

/** Reads only what it knows: platforms add fields. */
function readProvision({ protocol }: Service, body: Record<string, unknown>): ProvisionRequest {
  const text = (key: string) => (typeof body[key] === 'string' && body[key] !== '' ? (body[key] as string) : null)
  // Before 2015 the first generation had no mark for repeats: each request is a new one.
  const uuid = text('uuid')?.toLowerCase() ?? (protocol === '1' ? randomUUID() : undefined)
  const plan = text('plan')
  if (!uuid || !isUuid(uuid)) throw new BadRequest(400, '"uuid" is missing: it tells repeats from new requests.')
  if (!plan) throw new BadRequest(400, '"plan" is missing.')
  const options = typeof body.options === 'object' && body.options !== null ? Object.entries(body.options) : []
  return {
    uuid,
    name: text('name'),
    plan,
    region: text('region') ?? '',
    options: Object.fromEntries(options.map(([key, value]) => [key, String(value)])),
    callbackUrl: text('callback_url'),
    logInputUrl: text('log_input_url'),
    logDrainToken: text('log_drain_token'),
  }
}

function checkPlan({ plans, id }: Service, plan: string): void {
  if (plans && !plans.includes(plan)) {
    throw new Refused(`${id} has no plan named ${JSON.stringify(plan.slice(0, 40))}. It has ${plans.join(', ')}.`)
  }
}

/** A mistake of the provider's own, better found here than as a failed installation. Names the key, not the value. */
export function checkConfig({ configVars }: Service, config: Record<string, string>): Record<string, string> {
  for (const [name, value] of Object.entries(config)) {
    if (typeof value !== 'string') throw new Error(`The config var ${name} is no string.`)
    if (configVars && !configVars.includes(name)) throw new Error(`The config var ${name} is not in the manifest.`)
  }
  return config
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** How an exception of the provider's work reads on the wire; null for a bug, whose words stay here. */
export function refusalAnswer(error: unknown): Answer | null {
  if (error instanceof Refused) return { status: 422, body: { message: error.message } }
  if (error instanceof Unavailable) return { status: 503, body: { message: error.message } }
  if (error instanceof BadRequest) return { status: error.status, body: { message: error.message } }
  return null
}
