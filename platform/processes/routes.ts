import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { listProcesses } from './store.js'

/** What the operator sees of the processes on this database, and anybody of their own way to one of them. */
export function processRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.caller.info, async ({ request }) => ({
      address: request.caller.address,
      host: request.headers.host ?? '',
      proto: request.caller.proto,
      is_passed_on: request.caller.isPassedOn,
      is_trusted: request.caller.isTrusted,
    })),
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
