import type { Builder, BuildOutcome } from '@mortise/runtime/build/build'
import type { Driver, Dyno, ReleaseSpec } from '@mortise/runtime/driver'
import type { Random } from './random.js'
import type { Schedule } from './schedule.js'
import type { Story } from './story.js'

/** A dyno, with what it was started with. */
export interface SimulatedDyno extends Dyno {
  config: Record<string, string>
}

export interface SimulatedDriver extends Driver {
  dynos(): SimulatedDyno[]
}

export interface Runs {
  /** How likely new dynos do not come up, release commands and builds fail. */
  breaks: number
}

/** A driver whose dynos live as long as its process. Calls for one app are done one after the other. */
export function simulatedDriver(
  owner: string,
  { schedule, random, story, runs }: { schedule: Schedule; random: Random; story: Story; runs(): Runs },
): SimulatedDriver {
  const apps = new Map<string, SimulatedDyno[]>()
  const lasts = new Map<string, Promise<unknown>>()
  let made = 0

  function inTurn<T>(appId: string, work: () => Promise<T>): Promise<T> {
    const mine = (lasts.get(appId) ?? Promise.resolve()).then(work, work)
    lasts.set(
      appId,
      mine.catch(() => undefined),
    )
    return mine
  }
  const takes = (what: string, mostMs: number) => schedule.wait(owner, what, random.between(200, mostMs))

  function start(spec: ReleaseSpec): SimulatedDyno[] {
    return spec.formation.flatMap(({ type, command, quantity, size }) =>
      Array.from({ length: quantity }, (_, at) => ({
        id: `dyno-${++made}`,
        name: `${type}.${at + 1}`,
        type,
        command,
        size,
        state: 'up' as const,
        appId: spec.app.id,
        version: spec.version,
        startedAt: schedule.now(),
        updatedAt: schedule.now(),
        config: { ...spec.config },
      })),
    )
  }

  const driver: SimulatedDriver = {
    dynos: () => [...apps.values()].flat(),
    roll: (spec, hooks) =>
      inTurn(spec.app.id, async () => {
        hooks?.onStep?.('starting')
        await takes('dynos start', 20_000)
        if (random.happens(runs().breaks)) {
          story.reached('fault', 'new dynos do not come up')
          return { outcome: 'failed', message: 'web.1 did not come up.' }
        }
        apps.set(spec.app.id, start(spec))
        story.tell(`${owner} runs ${spec.app.name} v${spec.version}`)
        return { outcome: 'rolled' }
      }),
    scale: (spec) =>
      inTurn(spec.app.id, async () => {
        await takes('dynos scale', 5_000)
        apps.set(spec.app.id, start(spec))
      }),
    restart: async (appId) => apps.get(appId)?.length ?? 0,
    stopDyno: async () => 0,
    async run(spec, _command, options) {
      const breaks = random.happens(runs().breaks)
      if (breaks) story.reached('fault', 'the release command fails')
      const exited = takes('a one-off', 30_000).then(() => ({ code: breaks ? 1 : 0, signal: null }))
      return { id: `run-${spec.version}`, name: options?.name ?? 'run.1', exited, stop: async () => undefined }
    },
    list: (appId) => (appId === undefined ? driver.dynos() : [...(apps.get(appId) ?? [])]),
    remove: (appId) =>
      inTurn(appId, async () => {
        await takes('dynos end', 5_000)
        apps.delete(appId)
      }),
    webTargets: () => [],
    onChange: () => () => undefined,
    stop: async () => undefined,
  }
  return driver
}

/** Builds take their time, fail now and then, and always make the same slug of a byte. */
export function simulatedBuilder(
  owner: string,
  {
    schedule,
    random,
    story,
    runs,
    slug,
  }: { schedule: Schedule; random: Random; story: Story; runs(): Runs; slug(id: string): Promise<string> },
): Builder {
  return {
    async build(request): Promise<BuildOutcome> {
      await schedule.wait(owner, 'a build', random.between(500, 40_000), request.signal)
      if (request.signal?.aborted) return { outcome: 'failed', message: 'cancelled' }
      if (random.happens(runs().breaks)) {
        story.reached('fault', 'a build fails')
        return { outcome: 'failed', message: 'npm ERR!' }
      }
      const processTypes: Record<string, string> = { web: 'node server.js' }
      if (random.happens(0.3)) processTypes['release'] = 'node migrate.js'
      return {
        outcome: 'succeeded',
        slugFile: await schedule.io(() => slug(request.id)),
        sizeBytes: 1,
        checksum: `SHA256:${'0'.repeat(64)}`,
        processTypes,
        buildpack: 'nodejs',
      }
    },
    forget: async () => undefined,
  }
}
