import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebTarget } from '../driver.js'
import { type FailureCode, failures } from './failure.js'
import { responseHeaders } from './headers.js'
import type { RequestResult } from './line.js'

interface Upgrade {
  req: IncomingMessage
  socket: Duplex
  head: Buffer
  candidates: WebTarget[]
  headers: OutgoingHttpHeaders
  timeoutMs: number
  whenNone: FailureCode
  onOver(result: Pick<RequestResult, 'status' | 'bytes' | 'code' | 'dyno' | 'connectMs' | 'connectedAt'>): void
}

/**
 * Asks a dyno for the upgrade and, when it agrees, joins the two sockets until one ends. When it does not, its answer is
 * passed on. An open socket doesn't hold up a roll, which would otherwise wait for its longest-lived client: it ends
 * with its dyno, and clients of WebSockets connect anew.
 */
export function pipeUpgrade({ req, socket, head, candidates, headers, timeoutMs, whenNone, onOver }: Upgrade): void {
  let connectMs: number | undefined
  let connectedAt: number | undefined
  let dyno: string | undefined
  let bytes = 0
  let isOver = false
  let upstream: http.ClientRequest | undefined
  let joined: Socket | undefined

  const over = (status: number, code?: FailureCode) => {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    onOver({ status, code, bytes, dyno, connectMs, connectedAt })
  }
  const fail = (code: FailureCode) => {
    if (isOver) return
    over(503, code)
    const body = `Application error (${code}: ${failures[code]})\n`
    socket.end(
      `HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
    upstream?.destroy()
  }
  const timer = setTimeout(() => fail('H12'), timeoutMs)

  const attempt = (index: number): void => {
    const target = candidates[index]
    if (!target) {
      fail(candidates.length ? 'H10' : whenNone)
      return
    }
    dyno = target.dyno
    const began = Date.now()
    let isConnected = false
    const request = http.request({
      host: target.host,
      port: target.port,
      method: req.method,
      path: req.url,
      headers: { ...headers, connection: 'Upgrade', upgrade: req.headers.upgrade },
      setHost: false,
      agent: false,
    })
    upstream = request
    request.on('socket', (toDyno: Socket) =>
      toDyno.once('connect', () => {
        isConnected = true
        connectedAt = Date.now()
        connectMs = connectedAt - began
      }),
    )
    request.once('upgrade', (answer, toDyno, first) => {
      clearTimeout(timer)
      joined = toDyno as Socket
      const lines = responseHeaders(answer.rawHeaders, undefined)
      socket.write(
        headOf(answer, [
          ...lines,
          'Connection',
          'Upgrade',
          'Upgrade',
          String(answer.headers.upgrade ?? req.headers.upgrade),
        ]),
      )
      joined.setNoDelay(true)
      // Quiet for hours is in order on these; only a lost peer is not.
      joined.setTimeout(0)
      joined.setKeepAlive(true, 60_000)
      if (first.length) socket.write(first)
      if (head.length) joined.write(head)
      joined.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      joined.on('error', () => socket.destroy())
      joined.once('close', () => {
        socket.destroy()
        over(101)
      })
      joined.pipe(socket)
      socket.pipe(joined)
    })
    request.once('response', (answer) => {
      socket.write(
        headOf(answer, [...responseHeaders(answer.rawHeaders, answer.headers.connection), 'Connection', 'close']),
      )
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.once('end', () => over(answer.statusCode ?? 502))
      answer.once('aborted', () => socket.destroy())
      answer.pipe(socket)
    })
    request.on('error', () => {
      if (isOver || joined) return
      if (!isConnected) attempt(index + 1)
      else fail('H13')
    })
    request.end()
  }

  socket.on('error', () => socket.destroy())
  socket.once('close', () => {
    upstream?.destroy()
    joined?.destroy()
    over(joined ? 101 : 499, joined ? undefined : 'H27')
  })
  attempt(0)
}

function headOf(answer: IncomingMessage, raw: string[]): string {
  let text = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let index = 0; index + 1 < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`
  return `${text}\r\n`
}
