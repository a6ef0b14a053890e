import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sourceFile } from '../platform/builds/source.js'
import type { Db } from '../platform/db/db.js'
import { runOnce } from '../platform/dynos/run-once.js'
import type { Downloads, Outbound, OutboundAnswer, OutboundQuestion } from '../platform/http/outbound.js'
import type { LifecycleDeps } from '../platform/lifecycle/deps.js'
import { standardPatience } from '../platform/lifecycle/patience.js'
import { createLifecycle, lifecycleReconcilers, type Stories } from '../platform/lifecycle/stories.js'
import { createPartnerClient } from '../platform/partner/client.js'
import { createGate } from '../platform/partner/gate.js'
import type { Reconciler } from '../platform/reconcile/reconciler.js'
import { buildReconciler } from '../platform/releases/deploy.js'
import { endWorkOn, forgetApp, remainsReconciler } from '../platform/releases/forget.js'
import { rollReconciler } from '../platform/releases/roll.js'
import type { Secrets } from '../platform/secrets/seal.js'
import { webhookReconcilers } from '../platform/webhooks/reconcilers.js'
import type { Archives } from './archives.js'
import type { WorldDatabase } from './database.js'
import { type Runs, type SimulatedDriver, simulatedBuilder, simulatedDriver } from './dynos.js'
import { type Break, doorOf, end, never, type Process, type Surroundings, strike, worldOf } from './process.js'

/** One process of ours: the production rooms, with ways out that end with it. */
export interface Ours {
  process: Process
  db: Db
  deps: LifecycleDeps
  stories: Stories
  reconcilers: Reconciler[]
  driver: SimulatedDriver
  /** An archive is there, as if somebody had uploaded it. */
  uploads(sourceId: string): Promise<void>
}

export interface OursGiven {
  database: WorldDatabase
  around: Surroundings
  secrets: Secrets
  /** Where sources and slugs are kept. */
  dir: string
  runs(): Runs
  /** One process runs apps, builds and shreds credentials; whatever else there is, any may do. */
  runsApps: boolean
  receive(question: OutboundQuestion): Promise<OutboundAnswer>
  archives: Archives
  onFault(error: unknown): void
  /** Milliseconds between comparisons of the ledger with a provider's list. */
  comparesEveryMs(): number
  broken?: Break
}

const addresses = {
  webUrl: (name: string) => `http://${name}.localhost:5055/`,
  gitUrl: (name: string) => `http://localhost:5055/${name}.git`,
  hostname: (name: string) => `${name}.localhost`,
}
const origin = 'http://localhost:5055'

export function furnishOurs(process: Process, given: OursGiven): Ours {
  const { around, secrets, dir, database } = given
  const { schedule, random, story } = around
  const db = doorOf(process, database, around, given.broken)
  const world = worldOf(process, around)

  /** A question goes out or it does not, and whoever asked may be gone when the answer comes. */
  async function send(question: OutboundQuestion): Promise<OutboundAnswer> {
    if (process.dead) return never()
    await schedule.wait(process.name, 'send', 0)
    const fate = strike(process)
    if (fate === 'dies before') {
      end(process, 'before a message', around)
      return never()
    }
    const coming = given.receive(question)
    if (fate === 'dies after') {
      end(process, 'between message and answer', around)
      return never()
    }
    const answer = await coming
    if (process.dead) return never()
    await schedule.wait(process.name, 'answer', 0)
    return answer
  }

  async function write(file: string): Promise<string> {
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, 'x')
    return file
  }

  const outbound: Outbound & Downloads = {
    send,
    close: async () => undefined,
    download: async () => ({ got: 'refused', reason: 'nothing is fetched here' }),
  }
  const driver = simulatedDriver(process.name, { schedule, random, story, runs: given.runs })
  const rollDeps = {
    db,
    world,
    secrets,
    driver,
    builder: simulatedBuilder(process.name, {
      schedule,
      random,
      story,
      runs: given.runs,
      slug: (id) => write(path.join(dir, 'built', `${id}.tgz`)),
    }),
    logs: { write: () => undefined, recent: () => [], follow: () => () => undefined, forget: () => undefined },
    outbound,
    dir,
  }
  const { deps, stories } = createLifecycle(
    {
      db,
      world,
      secrets,
      partner: createPartnerClient(outbound, undefined, createGate({ db, world })),
      publicUrl: () => origin,
      localhost: true,
      undeploy: (appId) => (given.runsApps ? forgetApp(rollDeps, appId) : endWorkOn(rollDeps, appId)),
      running: () => driver.list(),
      // As in life: only the process that runs apps can set one up.
      ...(given.runsApps
        ? {
            setup: {
              openArchive: (url) => given.archives.open(process.name, url),
              runOnce: (app, command, actor) => runOnce(rollDeps, app, command, actor),
            },
          }
        : {}),
      patience: {
        ...standardPatience,
        get compareEveryMs() {
          return given.comparesEveryMs()
        },
      },
    },
    {
      onFault: given.onFault,
      trials: {
        before(step, operation) {
          const task = schedule.task()
          if (task) task.step = `${operation.saga}:${step}`
        },
      },
    },
  )
  return {
    process,
    db,
    deps,
    stories,
    reconcilers: [
      ...lifecycleReconcilers(deps),
      buildReconciler(rollDeps),
      rollReconciler(rollDeps),
      remainsReconciler(rollDeps),
      ...webhookReconcilers({ db, world, secrets, outbound, addresses, origin }),
    ],
    driver,
    uploads: async (sourceId) => void (await schedule.io(() => write(sourceFile(dir, sourceId)))),
  }
}
