import type { Readable } from 'node:stream'
import { Agent, errors, request } from 'undici'
import { createGuard, type GuardOptions, hostOf, isLiteral, Refused } from './outbound-guard.js'
import { type Sockets, socketsBy } from './outbound-socket.js'

export type { Resolve } from './outbound-guard.js'

export type OutboundOptions = GuardOptions

export interface OutboundQuestion {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: string
  headers?: Record<string, string>
  body?: string
  /** From now until the whole answer has been read. */
  timeoutMs: number
  answerBytesMax: number
  /**
   * For what may be said twice: connections are kept for four minutes of silence, and are made within 3 s. One that
   * the other side has just closed is a silence.
   */
  keepsConnection?: boolean
}

/** What came of it. Nothing here throws: silence and refusal are answers too. */
export type OutboundAnswer =
  | { got: 'answer'; status: number; headers: Record<string, string>; body: string; cut: boolean }
  /** Nothing was written: the other side can't have acted. */
  | { got: 'not sent'; reason: string }
  /** Something was written, and no whole answer came. */
  | { got: 'silence'; reason: string }

export interface Outbound {
  send(question: OutboundQuestion): Promise<OutboundAnswer>
  close(): Promise<void>
}

/** A stream instead of a text, for what is too large to hold in memory. */
export type DownloadAnswer = { got: 'stream'; body: Readable } | { got: 'refused'; reason: string }

export interface Downloads {
  /** Asks with GET. The caller reads the body to its end, or destroys it; past `timeoutMs` it breaks. */
  download(url: string, timeoutMs: number): Promise<DownloadAnswer>
}

/** Errors that undici and the system raise before the first byte of a request is written. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'EADDRNOTAVAIL',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
])
const connectMs = 5_000
/** Source: Logplex, which speaks to its drains so. */
const kept = { connectMs: 3_000, idleMs: 4 * 60_000 }

/**
 * The one door to addresses that others chose. It connects to the very address it checked, follows no
 * redirect, and refuses private ranges. Connections are not kept: a kept one that the other side has
 * just closed would turn "not sent" into doubt.
 */
export function createOutbound(options: OutboundOptions): Outbound & Downloads & Sockets {
  const guard = createGuard(options)
  const agentWith = (limits: { connectMs: number; idleMs: number }) =>
    new Agent({
      pipelining: limits.idleMs > 1 ? 1 : 0,
      keepAliveTimeout: limits.idleMs,
      keepAliveMaxTimeout: limits.idleMs,
      // Called for each connection: what is checked here is what is connected to.
      connect: { timeout: limits.connectMs, lookup: guard.lookup },
    })
  const agent = agentWith({ connectMs, idleMs: 1 })
  let keeping: Agent | undefined
  const keepingAgent = () => {
    keeping ??= agentWith(kept)
    return keeping
  }

  /** An address literal is never looked up, so it is checked here; so are scheme and form. */
  function refusal(text: string): string | null {
    let url: URL
    try {
      url = new URL(text)
    } catch {
      return 'its address is not a URL'
    }
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'its address is neither https nor http'
    const hostname = hostOf(url)
    if (isLiteral(hostname) && !guard.isAllowed(hostname, hostname)) return `${hostname} is not an allowed address`
    if (url.protocol === 'http:' && !options.loopbackAllowed && !guard.isListed(hostname)) {
      return 'its address must be https'
    }
    return null
  }

  return {
    async send(question) {
      const refused = refusal(question.url)
      if (refused) return { got: 'not sent', reason: refused }
      const signal = AbortSignal.timeout(question.timeoutMs)
      let connected = false
      try {
        const answer = await request(question.url, {
          dispatcher: question.keepsConnection ? keepingAgent() : agent,
          method: question.method,
          headers: { 'user-agent': 'Mortise', ...question.headers },
          body: question.body ?? null,
          signal,
          headersTimeout: question.timeoutMs,
          bodyTimeout: question.timeoutMs,
          maxRedirections: 0,
        } as Parameters<typeof request>[1])
        connected = true
        const { text, cut } = await readAtMost(answer.body, question.answerBytesMax)
        const headers = Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : String(value),
          ]),
        )
        return { got: 'answer', status: answer.statusCode, headers, body: text, cut }
      } catch (error) {
        const code = codeOf(error)
        if (!connected && (error instanceof Refused || isRefused(error))) {
          return { got: 'not sent', reason: 'its host leads to an address that is not allowed' }
        }
        if (!connected && code !== null && neverSent.has(code)) return { got: 'not sent', reason: code }
        const timedOut =
          signal.aborted || error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError
        return {
          got: 'silence',
          reason: timedOut ? `no answer within ${question.timeoutMs / 1000} s` : (code ?? 'the connection broke'),
        }
      }
    },
    async download(url, timeoutMs) {
      const refused = refusal(url)
      if (refused) return { got: 'refused', reason: refused }
      const { hostname } = new URL(url)
      try {
        const answer = await request(url, {
          dispatcher: agent,
          headers: { 'user-agent': 'Mortise' },
          signal: AbortSignal.timeout(timeoutMs),
        })
        if (answer.statusCode === 200) return { got: 'stream', body: answer.body }
        // Ending a body early is an error event of its own, which would end the process if nobody heard it.
        answer.body.on('error', () => undefined).destroy()
        const isRedirect = answer.statusCode >= 300 && answer.statusCode < 400
        return {
          got: 'refused',
          reason: isRedirect
            ? `${hostname} answered with a redirect, which is not followed; give the address that it leads to`
            : `${hostname} answered with status ${answer.statusCode}`,
        }
      } catch (error) {
        if (error instanceof Refused || isRefused(error)) {
          return { got: 'refused', reason: `${hostname} leads to an address that is not allowed` }
        }
        return { got: 'refused', reason: `${hostname} could not be reached (${codeOf(error) ?? 'no answer'})` }
      }
    },
    ...socketsBy(guard),
    async close() {
      await Promise.all([agent.close(), keeping?.close()])
    },
  }
}

function isRefused(error: unknown): boolean {
  const cause = (error as { cause?: unknown } | null)?.cause
  return cause instanceof Refused
}

function codeOf(error: unknown): string | null {
  const found = error as { code?: string; cause?: { code?: string } } | null
  return found?.cause?.code ?? found?.code ?? null
}

async function readAtMost(
  body: AsyncIterable<Buffer> & { destroy?(): void },
  most: number,
): Promise<{ text: string; cut: boolean }> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > most) {
      body.destroy?.()
      return { text: Buffer.concat(parts).toString('utf8'), cut: true }
    }
    parts.push(part)
  }
  return { text: Buffer.concat(parts).toString('utf8'), cut: false }
}
