import type { LogFilter } from '@mortise/runtime/logs/logs'
import type { Asker } from '../http/handle.js'
import { newToken } from '../secrets/tokens.js'
import type { World } from '../world/world.js'

/** A right to read one app's log in one way, for whoever knows its address, as long as who asked for it may read it. */
export interface LogSession {
  id: string
  appId: string
  /** Whose right to read it is. */
  asker: Asker
  filter: LogFilter
  /** How many old lines come first. */
  lines: number
  tail: boolean
  createdAt: Date
}

/** Source: Dev Center, "Log session": the address is good for five minutes; a stream that began goes on. */
export const sessionMsMax = 5 * 60_000
/** A client that asks for sessions and never reads them must not fill our memory. */
const sessionsMax = 10_000

export interface LogSessions {
  open(session: Omit<LogSession, 'id' | 'createdAt'>): { token: string; session: LogSession }
  find(token: string): LogSession | undefined
  /** A tail whose client comes back after a break may be older than five minutes. */
  keep(token: string): void
}

/** In memory: lines are, too, and after a restart of the platform a client asks anew. */
export function logSessions(world: World): LogSessions {
  const known = new Map<string, { session: LogSession; until: number }>()

  function sweep(): void {
    const now = world.now().getTime()
    for (const [token, { until }] of known) if (until < now || known.size >= sessionsMax) known.delete(token)
  }

  return {
    open(wanted) {
      sweep()
      const token = newToken()
      const session: LogSession = { ...wanted, id: world.id(), createdAt: world.now() }
      known.set(token, { session, until: world.now().getTime() + sessionMsMax })
      return { token, session }
    },
    find(token) {
      const found = known.get(token)
      return found && found.until >= world.now().getTime() ? found.session : undefined
    },
    keep(token) {
      const found = known.get(token)
      if (found) found.until = world.now().getTime() + sessionMsMax
    },
  }
}
