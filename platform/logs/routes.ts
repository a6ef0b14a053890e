import { notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { type Handler, handle } from '../http/handle.js'
import type { LogSessions } from './session.js'

/** Lines that come first when a client does not say. Source: Dev Center, "Logging". */
const linesDefault = 100

export function logRoutes(deps: { sessions: LogSessions }): Handler[] {
  return [
    handle(routes.logs.createSession, async (context) => {
      const { app } = context.subjects
      if (!app) throw notFound('app')
      const { dyno, dyno_name, type, source, lines, tail } = context.body
      const { token, session } = deps.sessions.open({
        appId: app.id,
        asker: context.asker,
        // Older clients put a process type into `dyno`; the filter takes either.
        filter: { dyno: dyno_name || dyno || type || undefined, source: source || undefined },
        lines: lines ?? linesDefault,
        tail: tail ?? false,
      })
      return {
        created_at: timestamp(session.createdAt),
        id: session.id,
        logplex_url: `${context.origin}/logs/${token}`,
        updated_at: timestamp(session.createdAt),
      }
    }),
  ]
}
