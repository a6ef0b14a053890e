import { notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Driver, Dyno, Which } from '@mortise/runtime/driver'
import type { LogSink } from '@mortise/runtime/logs/logs'
import type { App } from '../apps/app.js'
import { type Db, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { releaseIds, requestScale } from '../releases/roll-store.js'
import type { World } from '../world/world.js'
import { type RunDeps, runOneOff } from './run.js'
import { dynoView } from './view.js'

export interface DynoDeps extends RunDeps {
  db: Db
  world: World
  driver: Driver
  logs: LogSink
}

/**
 * Dynos as the driver has them now; nothing of them is kept. Restarting takes as long as the new dyno needs to
 * become healthy, so the answer is 202 at once and the log tells the rest.
 */
export function dynoRoutes(deps: DynoDeps): Handler[] {
  const { db, world, driver, logs } = deps

  async function shown(app: App, dynos: readonly Dyno[]) {
    const versions = dynos.map(({ version }) => version)
    const ids = await releaseIds(db, app.id, versions)
    return dynos.flatMap((dyno) => {
      const releaseId = ids.get(dyno.version)
      return releaseId ? [dynoView(dyno, app, releaseId)] : []
    })
  }

  /** By name (`web.1`) or id. During a roll two have the same name; the newer one is meant. */
  function dynoNamed(app: App, identity: string): Dyno {
    const found = driver.list(app.id).filter(({ id, name }) => id === identity || name === identity)
    const newest = found.sort((a, b) => b.version - a.version)[0]
    if (!newest) throw notFound('dyno')
    return newest
  }

  function requireType(app: App, type: string): void {
    if (!driver.list(app.id).some((dyno) => dyno.type === type))
      throw notFound('formation', `No dyno of "${type}" runs.`)
  }

  /** Not awaited by the answer, so its failure is told where the app's owner looks. */
  function behind(app: App, verb: string, work: Promise<number>): Record<string, never> {
    work.catch((error: Error) => {
      logs.write(app.id, { source: 'heroku', dyno: 'api', text: `The dynos could not be ${verb}: ${error.message}` })
    })
    return {}
  }

  const restart = (app: App, which?: Which) => behind(app, 'restarted', driver.restart(app.id, which))
  const stop = (app: App, which: Which) => behind(app, 'stopped', driver.stopDyno(app.id, which))

  return [
    handle(routes.dynos.create, async (context) => {
      const app = appOf(context)
      const { attach, command, env, force_no_tty, size, type, time_to_live } = context.body
      const { dyno, attachUrl } = await runOneOff(deps, app, {
        command,
        attach: attach ?? false,
        terminal: !force_no_tty,
        env: env ?? {},
        size: size ?? null,
        type: type ?? null,
        seconds: time_to_live ?? null,
        actor: context.actor,
        asker: context.asker,
      })
      const [view] = await shown(app, [dyno])
      if (!view) throw notFound('dyno')
      // Clients take it for begun, not for running: they say so themselves when they are attached.
      return { ...view, attach_url: attachUrl, state: 'starting' }
    }),
    handle(routes.dynos.list, async (context) => shown(appOf(context), driver.list(appOf(context).id))),
    handle(routes.dynos.info, async (context) => {
      const app = appOf(context)
      const [view] = await shown(app, [dynoNamed(app, context.params.dyno)])
      if (!view) throw notFound('dyno')
      return view
    }),
    handle(routes.dynos.restartAll, async (context) => {
      const app = appOf(context)
      if (driver.list(app.id).length) return restart(app)
      // Nothing runs, perhaps since its start failed: the formation is asked for anew.
      await transact(db, (tx) => requestScale(tx, { appId: app.id, at: world.now() }))
      return {}
    }),
    handle(routes.dynos.restart, async (context) => {
      const app = appOf(context)
      return restart(app, { name: dynoNamed(app, context.params.dyno).name })
    }),
    handle(routes.dynos.restartType, async (context) => {
      const app = appOf(context)
      requireType(app, context.params.type)
      return restart(app, { type: context.params.type })
    }),
    handle(routes.dynos.stop, async (context) => {
      const app = appOf(context)
      return stop(app, { name: dynoNamed(app, context.params.dyno).name })
    }),
    handle(routes.dynos.stopType, async (context) => {
      const app = appOf(context)
      requireType(app, context.params.type)
      return stop(app, { type: context.params.type })
    }),
  ]
}

function appOf(context: Context): App {
  if (!context.subjects.app) throw notFound('app')
  return context.subjects.app
}
