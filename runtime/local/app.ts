import type { OneOff, ReleaseSpec, RollHooks, RollOutcome, WebTarget, Which } from '../driver.js'
import { type LocalDyno, localDyno } from './dyno.js'
import type { Surroundings } from './launch.js'

/** Longest wait for requests in flight before an old dyno gets SIGTERM; the app has its own time after that. */
const drainMsMax = 10_000

/** One app on this machine: which dynos serve, and the changes to that, one after the other. */
export interface LocalApp {
  roll(spec: ReleaseSpec, hooks?: RollHooks): Promise<RollOutcome>
  scale(spec: ReleaseSpec): Promise<void>
  restart(which: Which): Promise<number>
  stop(which: Which): Promise<number>
  dynos(): LocalDyno[]
  targets(): WebTarget[]
  readonly oneOffs: Set<OneOff>
  /** Ends everything, also a roll that is under way. */
  end(termMs?: number): Promise<void>
}

export function localApp(around: Surroundings): LocalApp {
  // All that run or are to be restarted; `serving` are those of the release that counts now.
  const all = new Set<LocalDyno>()
  let serving: LocalDyno[] = []
  let release: ReleaseSpec | undefined
  let isEnded = false
  let last: Promise<unknown> = Promise.resolve()
  const oneOffs = new Set<OneOff>()

  /** After whatever was asked before, whether that went well or not. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
  const make = (spec: ReleaseSpec, wanted: ReleaseSpec['formation'][number], name: string) => {
    const made = localDyno(around, spec, wanted, name)
    all.add(made)
    return made
  }
  const end = async (dynos: LocalDyno[], termMs?: number) => {
    await Promise.all(dynos.map((one) => one.end(termMs)))
    for (const one of dynos) all.delete(one)
  }
  /** For dynos that served: what they are answering now is answered. */
  const retire = async (dynos: LocalDyno[]) => {
    if (!isEnded) await Promise.race([Promise.all(dynos.map((one) => one.quiet(drainMsMax))), ended])
    await end(dynos)
  }
  let tellEnded: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (tellEnded = resolve))

  const roll = async (
    spec: ReleaseSpec,
    { onStep, healthMs = around.healthMs }: RollHooks = {},
  ): Promise<RollOutcome> => {
    if (isEnded) return { outcome: 'failed', message: 'The app was removed.' }
    const old = serving
    const coming = spec.formation.flatMap((wanted) => names(wanted).map((name) => make(spec, wanted, name)))
    if (coming.length) onStep?.(`Starting ${list(coming)} of v${spec.version}`)
    const health = await firstFailure(coming.map((one) => one.start(healthMs)))
    if (health || isEnded) {
      await end(coming)
      return { outcome: 'failed', message: health ?? 'The app was removed.' }
    }
    serving = coming
    release = spec
    for (const one of coming) one.supervise()
    if (coming.length) onStep?.(`${list(coming)} of v${spec.version} ${coming.length > 1 ? 'are' : 'is'} healthy`)
    if (old.length) onStep?.(`Ending ${list(old)} of v${old[0]?.spec.version}`)
    await retire(old)
    return { outcome: 'rolled' }
  }

  const scale = async (spec: ReleaseSpec): Promise<void> => {
    if (isEnded) return
    if (release?.version !== spec.version || !serving.length) {
      const outcome = await roll(spec)
      if (outcome.outcome === 'failed') throw new Error(outcome.message)
      return
    }
    release = spec
    const wantedNames = new Set(spec.formation.flatMap(names))
    const surplus = serving.filter((one) => !wantedNames.has(one.dyno.name) || one.dyno.state === 'down')
    serving = serving.filter((one) => !surplus.includes(one))
    const missing = spec.formation.flatMap((wanted) =>
      names(wanted)
        .filter((name) => !serving.some((one) => one.dyno.name === name))
        .map((name) => make(spec, wanted, name)),
    )
    serving.push(...missing)
    const starting = missing.map((one) => one.start(around.healthMs))
    // An unhealthy newcomer is no reason to give up: it is restarted like any crashed dyno, and the others serve.
    for (const one of missing) one.supervise()
    await Promise.all([...starting, retire(surplus)])
  }

  const restart = async (which: Which): Promise<number> => {
    if (isEnded) return 0
    const meant = serving.filter(matches(which))
    await Promise.all(
      meant.map(async (old) => {
        const { dyno, spec } = old
        const fresh = make(spec, { ...dyno, quantity: 1 }, dyno.name)
        const health = await fresh.start(around.healthMs)
        const isServing = old.target !== undefined || (dyno.type !== 'web' && dyno.state === 'up')
        if (!health.isHealthy && isServing) {
          // What serves is worth more than what doesn't start.
          around.logs.write(dyno.appId, {
            source: 'heroku',
            dyno: dyno.name,
            text: `Restart failed: ${health.message} The running dyno stays.`,
          })
          return end([fresh])
        }
        serving = serving.map((one) => (one === old ? fresh : one))
        fresh.supervise()
        await retire([old])
      }),
    )
    return meant.length
  }

  const stop = async (which: Which): Promise<number> => {
    const meant = serving.filter((one) => matches(which)(one) && one.dyno.state !== 'down')
    await Promise.all(meant.map((one) => one.end()))
    return meant.length
  }

  return {
    roll: (spec, hooks) => inTurn(() => roll(spec, hooks)),
    scale: (spec) => inTurn(() => scale(spec)),
    restart: (which) => inTurn(() => restart(which)),
    stop: (which) => inTurn(() => stop(which)),
    dynos: () => [...all],
    targets: () => serving.flatMap((one) => one.target ?? []),
    oneOffs,
    async end(termMs) {
      isEnded = true
      tellEnded()
      // Not in turn: a roll that waits for a sick dyno would keep us waiting; its dynos end, so it ends too.
      await Promise.all([end([...all], termMs), ...[...oneOffs].map((one) => one.stop())])
      await last
      serving = []
      await end([...all], termMs)
    },
  }
}

const names = ({ type, quantity }: { type: string; quantity: number }) =>
  Array.from({ length: quantity }, (_, index) => `${type}.${index + 1}`)

const list = (dynos: LocalDyno[]) => dynos.map((one) => one.dyno.name).join(', ')

const matches =
  ({ name, type }: Which) =>
  ({ dyno }: LocalDyno) =>
    (!name || dyno.name === name) && (!type || dyno.type === type)

/** The first unhealthy one's message, as soon as it is known; undefined when all are healthy. */
async function firstFailure(
  starting: Promise<{ isHealthy: boolean; message?: string }>[],
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    for (const one of starting) one.then((health) => (health.isHealthy ? undefined : resolve(health.message)), reject)
    Promise.all(starting).then(() => resolve(undefined), reject)
  })
}
