import { performance } from 'node:perf_hooks'
import { Agent, request } from 'undici'
import type { Exchange, Question } from './exchange.js'

/** Bytes of an answer that are read. Sign-on leads to whole pages; nothing else is as long. */
const answerBytesMax = 1024 * 1024

export interface Sender {
  /**
   * One request on a connection of its own; redirects are not followed. Silence is an outcome, not an exception.
   * @throws Interrupted once `stop` was called, unless the request cleans up
   */
  send(question: Question, options?: { isCleanup?: boolean }): Promise<Exchange>
  /** Nothing new is asked from now on; what is under way is waited for, because it may make something. */
  stop(): void
  readonly isStopped: boolean
  close(): Promise<void>
}

/** Someone pressed Ctrl-C. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

/** @param answerMs milliseconds from the question to the last byte of the answer */
export function createSender({ answerMs }: { answerMs: number }): Sender {
  // Without keep-alive: a connection that the provider closed meanwhile would look like a broken answer.
  const options = { pipelining: 0, connectTimeout: Math.min(5_000, answerMs) }
  const strict = new Agent(options)
  // A certificate for one's own machine cannot be a valid one.
  const onThisMachine = new Agent({ ...options, connect: { rejectUnauthorized: false } })
  let isStopped = false

  return {
    get isStopped() {
      return isStopped
    },
    stop() {
      isStopped = true
    },
    async close() {
      await Promise.all([strict.destroy(), onThisMachine.destroy()])
    },
    async send(question, { isCleanup = false } = {}) {
      if (isStopped && !isCleanup) throw new Interrupted('The inspection was interrupted.')
      const from = performance.now()
      try {
        const { method, url, headers, body } = question
        const answer = await request(url, {
          method,
          headers,
          ...(body === undefined ? {} : { body }),
          dispatcher: isLoopback(new URL(url).hostname) ? onThisMachine : strict,
          signal: AbortSignal.timeout(answerMs),
          headersTimeout: 0,
          bodyTimeout: 0,
        })
        const text = await readText(answer.body)
        const done = { status: answer.statusCode, headers: answer.headers, text, json: jsonOf(text) }
        return { question, answer: done, failure: null, reason: '', ms: performance.now() - from }
      } catch (error) {
        const { failure, reason } = failureOf(error, question, answerMs)
        return { question, answer: null, failure, reason, ms: performance.now() - from }
      }
    },
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    parts.push(part)
    if (bytes > answerBytesMax) break
  }
  return Buffer.concat(parts).subarray(0, answerBytesMax).toString('utf8')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const notSent = new Set('ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH UND_ERR_CONNECT_TIMEOUT'.split(' '))

function failureOf(error: unknown, { url }: Question, answerMs: number): Pick<Exchange, 'failure' | 'reason'> {
  const { name = '', code = '', message = String(error) } = error as { name?: string; code?: string; message?: string }
  if (name === 'TimeoutError') return { failure: 'timeout', reason: `no answer within ${answerMs / 1000} s` }
  // TLS failures have many codes; all of them come before anything was written.
  const isTls = /^(ERR_TLS|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code)
  if (!notSent.has(code) && !isTls) return { failure: 'broken', reason: `the connection broke (${code || message})` }
  return { failure: 'unreachable', reason: `${new URL(url).origin} cannot be reached (${code})` }
}
