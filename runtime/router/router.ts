import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebTarget } from '../driver.js'
import type { LogSink } from '../logs/logs.js'
import { answerFailure, type FailureCode } from './failure.js'
import { plainAddress, requestHeaders, requestIdOf, responseHeaders } from './headers.js'
import { type RequestStory, routerLine } from './line.js'
import { pipeUpgrade } from './upgrade.js'

export interface RouterOptions {
  /** Where an app's web dynos listen now; `driver.webTargets`. */
  targets(appId: string): WebTarget[]
  logs: LogSink
  /** Time to the first byte of the answer, 30 s unless told (H12). Source: Dev Center, "Request Timeout". */
  timeoutMs?: number
  /** Time between two pieces of a body, either way, 55 s unless told (H15). Source: the same page. */
  idleMs?: number
  /** Whether an app without targets has crashed (H10) rather than no web dynos at all (H14). */
  isCrashed?(appId: string): boolean
  /** The client's address; whoever holds the connection, unless told. */
  clientOf?(req: IncomingMessage): string
}

export interface Router {
  /** Answers a request from the app's web dynos. Never throws; every request leaves one line in the app's log. */
  handle(appId: string, req: IncomingMessage, res: ServerResponse): void
  /** The same for a WebSocket or any other upgrade; owns the socket from here on. */
  upgrade(appId: string, req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Closes the idle connections to dynos. */
  close(): void
}

/** These change nothing, so a second try does no harm. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Streams requests to dynos, round robin, and answers back. It keeps no body in memory. */
export function createRouter({
  targets,
  logs,
  timeoutMs = 30_000,
  idleMs = 55_000,
  isCrashed = () => false,
  clientOf = (req) => plainAddress(req.socket.remoteAddress),
}: RouterOptions): Router {
  // Node's own agent: it heeds a server's keep-alive hint and tells a reused connection from a fresh one, which is
  // what decides whether a lost one may be tried again. See docs/decisions/router.md for the numbers.
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: 32, scheduling: 'lifo' })
  const turns = new Map<string, number>()

  /** All targets, each call beginning with the next one. */
  const inTurn = (appId: string): WebTarget[] => {
    const all = targets(appId)
    if (all.length < 2) return all
    const turn = ((turns.get(appId) ?? 0) + 1) % all.length
    turns.set(appId, turn)
    return [...all.slice(turn), ...all.slice(0, turn)]
  }

  const storyOf = (req: IncomingMessage): RequestStory => ({
    method: req.method ?? 'GET',
    path: req.url ?? '/',
    host: req.headers.host ?? '',
    requestId: requestIdOf(req.headers),
    headers: req,
    client: clientOf(req),
    startedAt: Date.now(),
  })

  const handle = (appId: string, req: IncomingMessage, res: ServerResponse): void => {
    const story = storyOf(req)
    const headers = requestHeaders(req, story.requestId, story.startedAt, story.client)
    const candidates = inTurn(appId)
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
    const mayRepeat = repeatable.has(story.method) && !hasBody
    let upstream: http.ClientRequest | undefined
    let over: (() => void) | undefined
    let timer: NodeJS.Timeout | undefined
    let isSettled = false
    let bytes = 0

    /** Once, whatever happens: the line is written and the dyno is told that this request is over. */
    const settle = (status: number, code?: FailureCode) => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      over?.()
      logs.write(appId, {
        source: 'heroku',
        dyno: 'router',
        text: routerLine({ ...story, status, bytes, code, endedAt: Date.now() }),
      })
    }
    const fail = (code: FailureCode) => {
      if (isSettled) return
      const answered = upstream
      if (res.headersSent) {
        // Half of an answer is out. Cutting the connection is the only way left to say that the rest is missing.
        settle(res.statusCode, code)
        res.destroy()
      } else {
        bytes = answerFailure(req, res, code, story.requestId)
        settle(503, code)
      }
      answered?.destroy()
      req.unpipe()
      req.resume()
    }
    const wait = (limitMs: number, code: FailureCode) => {
      clearTimeout(timer)
      timer = setTimeout(() => fail(code), limitMs)
    }

    const attempt = (index: number, isFresh: boolean): void => {
      const target = candidates[index]
      if (!target) {
        fail(candidates.length || isCrashed(appId) ? 'H10' : 'H14')
        return
      }
      over?.()
      over = target.begin?.()
      story.dyno = target.dyno
      story.connectedAt = undefined
      let isConnected = false
      const began = Date.now()
      const request = http.request({
        host: target.host,
        port: target.port,
        method: story.method,
        path: story.path,
        headers,
        setHost: false,
        // A kept connection may be closing at this very moment. Only what may be repeated risks that.
        agent: mayRepeat && !isFresh ? agent : false,
      })
      upstream = request
      wait(timeoutMs, 'H12')

      request.on('socket', (socket: Socket) => {
        const connected = () => {
          isConnected = true
          story.connectMs = Date.now() - began
          story.connectedAt = Date.now()
          // Not before: what is written to a connection that is refused is lost for the next target.
          if (!hasBody) return request.end()
          req.on('data', () => wait(idleMs, 'H15'))
          req.once('end', () => !story.respondedAt && wait(timeoutMs, 'H12'))
          req.pipe(request)
        }
        if (socket.connecting) socket.once('connect', connected)
        else connected()
      })
      request.once('response', (answer) => {
        story.respondedAt = Date.now()
        wait(idleMs, 'H15')
        relay(answer)
      })
      // An app that switches protocols without being asked to: there is nobody on the other side who could follow.
      request.once('upgrade', (_answer, socket) => {
        socket.destroy()
        fail('H17')
      })
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (isSettled || request !== upstream || story.respondedAt) return
        if (!isConnected) return attempt(index + 1, isFresh)
        if (mayRepeat && request.reusedSocket) return attempt(index, true)
        fail(error.code?.startsWith('HPE_') ? 'H17' : 'H13')
      })
    }

    const relay = (answer: IncomingMessage) => {
      const status = answer.statusCode ?? 502
      try {
        res.writeHead(status, answer.statusMessage, responseHeaders(answer.rawHeaders, answer.headers.connection))
      } catch {
        // A header that HTTP doesn't allow, which Node reads but does not write.
        return fail('H17')
      }
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        timer?.refresh()
      })
      answer.on('error', () => fail('H18'))
      answer.on('aborted', () => fail('H18'))
      res.on('drain', () => timer?.refresh())
      answer.pipe(res)
    }

    res.on('finish', () => settle(res.statusCode))
    res.on('close', () => {
      if (isSettled) return
      // The client went away; the app need not go on.
      settle(499, 'H27')
      upstream?.destroy()
    })
    req.on('error', () => undefined)
    res.on('error', () => undefined)
    attempt(0, false)
  }

  const upgrade = (appId: string, req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const story = storyOf(req)
    pipeUpgrade({
      req,
      socket,
      head,
      candidates: inTurn(appId),
      headers: requestHeaders(req, story.requestId, story.startedAt, story.client),
      timeoutMs,
      whenNone: isCrashed(appId) ? 'H10' : 'H14',
      onOver: (result) =>
        logs.write(appId, {
          source: 'heroku',
          dyno: 'router',
          text: routerLine({ ...story, ...result, endedAt: Date.now() }),
        }),
    })
  }

  return { handle, upgrade, close: () => agent.destroy() }
}
