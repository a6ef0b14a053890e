import { WireError } from '@mortise/contract/errors'
import { type Logs, lineBytesMax } from '@mortise/runtime/logs/logs'
import { splitLines } from '@mortise/runtime/logs/split'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readBasic } from '../accounts/authenticate.js'
import type { Db } from '../db/db.js'
import { tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { type LogWriter, logWriterBy } from './log-input-store.js'
import { readFrames, type SyslogMessage } from './syslog-frames.js'

export interface LogInputDeps {
  db: Db
  world: World
  logs: Logs
}

export const inputBytesMax = 1024 * 1024
export const inputMessagesMax = 1_000
/** Of one add-on on one app: it must not wash away the 1,500 lines that an app's log keeps. */
export const linesPerMinuteMax = 3_000
const writersMax = 10_000
/** A line's own time counts when it is about now; a wrong clock elsewhere must not tear the log apart. */
const clockMsMax = 3_600_000

/** Where add-ons write into the logs of their apps. Source: Dev Center, "Add-on Provider Log Integration"; Logplex. */
export function logInputs(deps: LogInputDeps): (server: FastifyInstance) => Promise<void> {
  const { db, world, logs } = deps
  const written = new Map<string, { lines: number; until: number }>()

  function allow(writer: LogWriter, lines: number): void {
    const now = world.now().getTime()
    const key = `${writer.addonId} ${writer.appId}`
    const before = written.get(key)
    if (!before || before.until <= now) {
      if (written.size >= writersMax) for (const [old, entry] of written) if (entry.until <= now) written.delete(old)
      if (written.size >= writersMax) throw tooMany(60)
      written.set(key, { lines, until: now + 60_000 })
      return
    }
    if (before.lines + lines > linesPerMinuteMax) throw tooMany(Math.ceil((before.until - now) / 1000))
    before.lines += lines
  }

  async function take(request: FastifyRequest): Promise<void> {
    const basic = readBasic(request.headers.authorization)
    const writer =
      basic?.user === 'token' && /^t\.[0-9a-f-]{36}$/.test(basic.password)
        ? await logWriterBy(db, tokenHash(basic.password))
        : undefined
    if (!writer) {
      throw new WireError(
        'unauthorized',
        'This log input is unknown or gone. Read the log_input_url of the add-on anew.',
      )
    }
    const messages = readFrames(request.body as Buffer, inputMessagesMax)
    if (!messages) throw new WireError('bad_request', 'Malformed log messages')
    const count = request.headers['logplex-msg-count']
    if (count !== undefined && Number(count) !== messages.length) {
      throw new WireError('bad_request', 'Message count mismatch')
    }
    const lines = messages.flatMap((message) => linesOf(message).map((text) => ({ message, text })))
    allow(writer, lines.length)
    const now = world.now()
    for (const { message, text } of lines) {
      const at = message.at && Math.abs(message.at.getTime() - now.getTime()) <= clockMsMax ? message.at : now
      logs.write(writer.appId, { source: 'app', dyno: nameOf(writer, message), text, at, isAddon: true })
    }
  }

  return async (server) => {
    await server.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      for (const type of ['application/logplex-1', 'application/x-logplex-1']) {
        scope.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: inputBytesMax }, (_, body, done) =>
          done(null, body),
        )
      }
      // The address is told as it is called, and some write to /logs below it.
      for (const path of ['/logs', '/logs/logs']) {
        scope.post(
          path,
          {
            async onRequest(request) {
              if (request.headers['content-length'] === undefined) {
                throw new WireError('length_required', 'Send the lines in one piece, with a Content-Length.')
              }
            },
          },
          async (request, reply) => {
            await take(request)
            return reply.code(204).send()
          },
        )
      }
    })
  }
}

const tooMany = (seconds: number) =>
  new WireError(
    'rate_limit',
    `An add-on writes at most ${linesPerMinuteMax} lines a minute into an app's log. Try again in ${seconds} s.`,
    {},
    { 'Retry-After': String(seconds) },
  )

/** The add-on's word for itself if that begins with its own name or its service's; it can't speak as a dyno. */
function nameOf({ addonName, serviceName }: LogWriter, { process }: SyslogMessage): string {
  const isOwn = [addonName, serviceName].some((name) => process === name || process.startsWith(`${name}.`))
  return isOwn ? process : serviceName
}

function linesOf({ text }: SyslogMessage): string[] {
  const lines: string[] = []
  const splitter = splitLines((line) => lines.push(line), lineBytesMax)
  splitter.write(Buffer.from(text))
  splitter.end()
  return lines.length ? lines : ['']
}
