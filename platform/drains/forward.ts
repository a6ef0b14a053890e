import { logLinesMax } from '@mortise/runtime/logs/logs'
import type { Db } from '../db/db.js'
import type { Reconciler } from '../reconcile/reconciler.js'
import type { Secrets } from '../secrets/seal.js'
import { type Drain, drainContext } from './drain.js'
import { type Forwarder, type ForwarderDeps, startForwarder } from './forwarder.js'
import { drainsBell, listActiveDrains } from './store.js'

export interface ForwardDeps extends ForwarderDeps {
  db: Db
  secrets: Secrets
  /** Aborts when the platform stops. */
  stopping: AbortSignal
}

interface Running {
  forwarder: Forwarder
  updatedAt: number
}

/**
 * What is sent is what drains say: a forwarder for each, begun, moved and ended here. Lines are those of this process's
 * apps, so each process sends its own.
 */
export function drainReconciler(deps: ForwardDeps): Reconciler {
  const running = new Map<string, Running>()
  deps.stopping.addEventListener('abort', () => {
    for (const { forwarder } of running.values()) forwarder.stop()
    running.clear()
  })

  function start(drain: Drain, sealed: Buffer): void {
    const before = running.get(drain.id)
    if (before?.updatedAt === drain.updatedAt.getTime()) return
    before?.forwarder.stop()
    const url = deps.secrets.open(sealed, drainContext(drain.id))
    // A drain that moved has them in its buffer already.
    const missed = before
      ? []
      : deps.logs.recent(drain.appId, {}, logLinesMax).filter((line) => line.at >= drain.updatedAt)
    const target = { appId: drain.appId, token: drain.token, url }
    const forwarder = startForwarder(deps, target, missed, before?.forwarder.buffer)
    running.set(drain.id, { forwarder, updatedAt: drain.updatedAt.getTime() })
  }

  return {
    name: 'drains',
    bell: drainsBell,
    everyMs: 10_000,
    async pass() {
      const wanted = await listActiveDrains(deps.db)
      if (deps.stopping.aborted) return false
      const ids = new Set(wanted.map((drain) => drain.id))
      for (const [id, { forwarder }] of running) {
        if (ids.has(id)) continue
        forwarder.stop()
        running.delete(id)
      }
      for (const drain of wanted) if (drain.sealed) start(drain, drain.sealed)
      return false
    },
  }
}
