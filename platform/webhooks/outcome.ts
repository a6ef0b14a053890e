import { plainText } from '@mortise/contract/manifest/plain-text'
import type { OutboundAnswer } from '../http/outbound.js'
import { answerBytesMax } from './webhook.js'

/**
 * Why a delivery was not taken, as customers read it in `last_attempt.error_class`: the name does not resolve ·
 * nothing listens · no way to it · no valid TLS · an address we do not send to · no whole answer in time · the
 * connection broke · a redirect, which is not followed · another status than a 2xx · we stopped in the middle of it ·
 * too many waited before it.
 */
export type ErrorClass =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls'
  | 'private_address'
  | 'timeout'
  | 'broken'
  | 'redirect'
  | 'http_status'
  | 'interrupted'
  | 'backlog_full'

/** What became of one attempt, as data: nothing a receiver does is an exception. */
export type Outcome =
  | { taken: true; code: number; answer: string }
  | { taken: false; code: number | null; errorClass: ErrorClass; answer: string | null; retryAfterMs: number | null }

/** Any 2xx is success, and nothing else: a receiver that has moved must say so to whoever made the webhook. */
export function outcomeOf(answer: OutboundAnswer): Outcome {
  if (answer.got !== 'answer') {
    const errorClass = answer.got === 'silence' ? silenceClass(answer.reason) : notSentClass(answer.reason)
    return { taken: false, code: null, errorClass, answer: null, retryAfterMs: null }
  }
  const { status: code } = answer
  const text = plainText(answer.body, answerBytesMax)
  if (code >= 200 && code < 300) return { taken: true, code, answer: text }
  const errorClass = code >= 300 && code < 400 ? 'redirect' : 'http_status'
  return { taken: false, code, errorClass, answer: text, retryAfterMs: retryAfter(answer.headers['retry-after']) }
}

const notSentClasses: Record<string, ErrorClass> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
}

/** The words are those of http/outbound.ts; codes are the system's. */
function notSentClass(reason: string): ErrorClass {
  if (/allowed|must be https|neither https/.test(reason)) return 'private_address'
  return notSentClasses[reason] ?? 'tls'
}

const silenceClass = (reason: string): ErrorClass => (reason.startsWith('no answer within') ? 'timeout' : 'broken')

/** Only seconds: a receiver's clock is not ours to read. */
function retryAfter(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : null
}
