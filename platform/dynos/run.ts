import { invalid, WireError } from '@mortise/contract/errors'
import { runSecondsMax } from '@mortise/contract/platform-api/dynos'
import type { Driver, Dyno } from '@mortise/runtime/driver'
import type { App } from '../apps/app.js'
import type { HeldRights } from '../apps/held-rights.js'
import { findSlug } from '../builds/slug-store.js'
import { dynoSizeDefault, dynoSizeOf, dynoSizes } from '../formation/formation.js'
import type { Asker } from '../http/handle.js'
import { type SpecDeps, specOf } from '../releases/release-spec.js'
import { currentRelease } from '../releases/store.js'
import type { Actor } from '../saga/saga.js'
import type { World } from '../world/world.js'
import type { Rendezvous } from './rendezvous.js'

export interface RunDeps extends SpecDeps {
  world: World
  driver: Driver
  rendezvous: Rendezvous
  rights: HeldRights
  /** `host:port` where clients attach over TLS. */
  attachAddress: string
  /** Puts on record who did what. */
  audit(text: string): void
}

export interface RunOrder {
  command: string
  attach: boolean
  /** Whether an attached one gets a terminal. */
  terminal: boolean
  env: Record<string, string | number | boolean | null>
  size: string | null
  type: string | null
  seconds: number | null
  actor: Actor
  asker: Asker
}

/** One-offs of one app at the same time. Source: Dev Center, "Limits" (50 for Standard). */
export const oneOffsMax = 50

/**
 * Runs a command beside the formation, with the slug and config of the current release. It is in the list of dynos at
 * once, is limited in time, and ends when its client goes away.
 * @throws WireError 422 without a slug, for an unknown size, or when too many run
 */
export async function runOneOff(
  deps: RunDeps,
  app: App,
  order: RunOrder,
): Promise<{ dyno: Dyno; attachUrl: string | null }> {
  const { db, world, driver, logs } = deps
  if (app.kind !== 'hosted') {
    throw invalid(
      `${app.name} runs elsewhere. Run the command there, or with its config: mortise exec -a ${app.name} -- …`,
    )
  }
  const size = dynoSizeOf(order.size ?? dynoSizeDefault)
  if (size === null) {
    throw invalid(`There is no dyno size "${order.size}". Choose one of ${Object.keys(dynoSizes).join(', ')}.`)
  }
  if (oneOffsOf(driver, app.id).length >= oneOffsMax) {
    throw invalid(`${app.name} runs ${oneOffsMax} one-off dynos already. Stop one with ps:stop, or wait for it to end.`)
  }
  const release = await currentRelease(db, app.id)
  const slug = release?.slugId ? await findSlug(db, release.slugId) : undefined
  if (!release || !slug)
    throw invalid(`${app.name} was never deployed, so there is nothing to run in. Deploy it first.`)
  const spec = await specOf(deps, app, release)
  const command = ofProcfile(order.command, slug.processTypes)
  const { env, terminal } = surroundings(order)
  const text = `Starting process with command \`${command}\` by user ${order.actor.email}`
  logs.write(app.id, { source: 'app', dyno: 'api', text })
  const oneOff = await driver
    .run(spec, command, {
      type: order.type ?? 'run',
      size,
      attach: order.attach,
      terminal,
      env,
      timeoutMs: (order.seconds ?? runSecondsMax) * 1_000,
    })
    .catch((cause: Error) => {
      throw new WireError('conflict', `The dyno could not be started. ${cause.message}`)
    })
  const dyno = driver.list(app.id).find(({ id }) => id === oneOff.id) ?? {
    // It has ended already: the caller hears of it as it began.
    ...{ id: oneOff.id, name: oneOff.name, type: order.type ?? 'run', command, size, appId: app.id },
    ...{ version: release.version, state: 'down' as const, startedAt: world.now(), updatedAt: world.now() },
  }
  // Whoever runs a command can read every secret of the app. Not the command: people write secrets on command lines.
  deps.audit(`${order.actor.email} ran ${dyno.name} on ${app.name}`)
  if (!order.attach) return { dyno, attachUrl: null }
  // A terminal on the app is closed when its owner may not run commands any more.
  const letGo = deps.rights.hold({ asker: order.asker, appId: app.id, right: 'operate' }, () => void oneOff.stop())
  oneOff.exited.then(letGo, letGo)
  return { dyno, attachUrl: `rendezvous://${deps.attachAddress}/${deps.rendezvous.wait(app.id, oneOff)}` }
}

/** Dynos that belong to no line of the formation: their numbers begin at 1000. */
function oneOffsOf(driver: Driver, appId: string): Dyno[] {
  return driver.list(appId).filter(({ name }) => /[.]\d{4,}$/.test(name))
}

/** `heroku run worker --once` means the Procfile's worker, with more arguments. */
function ofProcfile(command: string, processTypes: Record<string, string>): string {
  const [, first = '', rest = ''] = /^\s*(\S+)([\s\S]*)$/.exec(command) ?? []
  return Object.hasOwn(processTypes, first) ? `${processTypes[first]}${rest}` : command
}

function surroundings({ attach, terminal, env: given }: RunOrder) {
  const env = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, String(value)]),
  )
  if (!attach || !terminal) return { env, terminal: undefined }
  // A terminal knows its own size, and these would be wrong as soon as it changes.
  const { COLUMNS, LINES, ...others } = env
  return { env: others, terminal: { columns: Number(COLUMNS ?? 80), rows: Number(LINES ?? 24) } }
}
