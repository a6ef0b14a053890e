import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { listProcesses } from './store.js'

/** What the operator sees of the processes on this database. */
export function processRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.workers.list, async () =>
      (await listProcesses(db)).map((one) => ({
        id: one.id,
        role: one.role,
        state: one.isSilent ? ('silent' as const) : ('alive' as const),
        host: one.host,
        pid: one.pid,
        address: one.address,
        version: one.version,
        started_at: timestamp(one.startedAt),
        updated_at: timestamp(one.beatAt),
      })),
    ),
  ]
}
