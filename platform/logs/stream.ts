import { notFound } from '@mortise/contract/errors'
import { formatLine, type LogLine, type Logs, logLinesMax } from '@mortise/runtime/logs/logs'
import type { FastifyInstance } from 'fastify'
import type { HeldRights } from '../apps/held-rights.js'
import { openEventStream } from '../http/event-stream.js'
import type { LogSessions } from './session.js'

export interface LogStreamDeps {
  sessions: LogSessions
  logs: Logs
  rights: HeldRights
  /** Milliseconds between comments that keep a silent stream open. */
  heartbeatMs?: number
}

/** A reader that is this far behind is cut off; its client comes back with the last id it saw. */
const behindBytesMax = 4 * 1024 * 1024

/** A log session's address: Server-Sent Events, one line each. Whoever knows the address may read, once or again. */
export function logStreams(deps: LogStreamDeps): (server: FastifyInstance) => Promise<void> {
  const { sessions, logs, rights, heartbeatMs = 20_000 } = deps
  return async (server) => {
    server.get('/logs/:token', async (request, reply) => {
      const { token } = request.params as { token: string }
      const session = sessions.find(token)
      const held = session && { asker: session.asker, appId: session.appId, right: 'view' as const }
      if (!held || !(await rights.lasts(held))) throw notFound('session', 'Ask for a new log session.')
      const lastId = Number(request.headers['last-event-id'] ?? Number.NaN)
      const isBack = Number.isSafeInteger(lastId)

      const stream = openEventStream(reply, { headers: { 'Request-Id': request.wireId }, behindBytesMax })
      if (request.method === 'HEAD') return stream.end()

      let lastSeq = isBack ? lastId : 0
      const send = (line: LogLine) => {
        lastSeq = line.seq
        stream.write(`id: ${line.seq}\ndata: ${formatLine(line).replaceAll(/[\r\n]+/g, ' ')}\n\n`)
      }
      // A client that comes back misses nothing and gets nothing twice.
      const filter = isBack ? { ...session.filter, afterSeq: lastId } : session.filter
      for (const line of logs.recent(session.appId, filter, isBack ? logLinesMax : session.lines)) send(line)
      if (!session.tail) return stream.end()

      const stop = logs.follow(session.appId, session.filter, (line) => line.seq > lastSeq && send(line))
      const letGo = rights.hold(held, stream.end)
      stream.keepOpen({
        greeting: ': following\n\n',
        beatMs: heartbeatMs,
        onBeat: () => sessions.keep(token),
        onClose() {
          letGo()
          stop()
        },
      })
      return reply
    })
  }
}
