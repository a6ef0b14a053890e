import { type Client, createClient } from '@mortise/contract/client'
import { type Failure, unreachable } from './failure.js'
import { plainText } from './plain-text.js'

/** A provider may take 25 s to answer, and the server asks it while we wait. */
const answerMs = 60_000

export interface ApiOptions {
  /** Origin of the server. */
  host: string
  token?: string
  userAgent?: string
  /** Told once per text, what the server warns of (deprecated plans and the like). */
  onWarning?: (text: string) => void
}

export interface Api extends Client {
  readonly host: string
  /** As `call`, but only the first page of a list: pair it with a Range header that says how many. */
  readonly first: Client['call']
}

/** The typed client, with a person's errors: what could not be reached is said in a sentence. */
export function connect(options: ApiOptions): Api {
  const send = sender(options)
  const common = { url: options.host, token: options.token, headers: { 'user-agent': options.userAgent ?? 'mortise' } }
  return {
    host: options.host,
    call: createClient({ ...common, fetch: send }).call,
    first: createClient({ ...common, fetch: async (...asked) => withoutNextPage(await send(...asked)) }).call,
  }
}

function sender({ host, onWarning }: ApiOptions): typeof fetch {
  const warned = new Set<string>()
  return async (input, init) => {
    const limit = AbortSignal.timeout(answerMs)
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
    let answer: Response
    try {
      answer = await fetch(input, { ...init, signal, redirect: 'error' })
    } catch (error) {
      if (init?.signal?.aborted) throw error
      throw silence(host, error, limit.aborted)
    }
    const warning = answer.headers.get('x-heroku-warning') ?? answer.headers.get('warning-message')
    if (warning && !warned.has(warning)) {
      warned.add(warning)
      onWarning?.(plainText(warning).replace(/^warning:\s*/i, ''))
    }
    return readable(host, answer)
  }
}

/** Reads the body here, so that a connection that breaks within it is told like any other silence. */
async function readable(host: string, answer: Response): Promise<Response> {
  try {
    const body = await answer.arrayBuffer()
    const bodiless = [101, 204, 205, 304].includes(answer.status)
    return new Response(bodiless ? null : body, { status: answer.status, headers: answer.headers })
  } catch (error) {
    throw silence(host, error, false)
  }
}

// The typed client follows every page of a list. Newest-first lists want only their beginning.
function withoutNextPage(answer: Response): Response {
  answer.headers.delete('next-range')
  return answer
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ECONNRESET: 'the connection was cut',
  ETIMEDOUT: 'it did not answer',
  EHOSTUNREACH: 'there is no way to it',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer',
  UND_ERR_SOCKET: 'the connection was cut',
}

/** No answer came. What that means for the caller, in one sentence. */
export function silence(host: string, error: unknown, timedOut: boolean): Failure {
  if (timedOut) {
    return unreachable(
      `${host} did not answer within ${answerMs / 1000} s. It may still have done what was asked.`,
      'Look before you try again.',
      error,
    )
  }
  const code = codeOf(error)
  const reason = reasons[code] ?? messageOf(error)
  return unreachable(
    `Could not reach ${host}: ${reason}.`,
    'Start a server with `mortise server`, or name another with --host URL or MORTISE_HOST.',
    error,
  )
}

function codeOf(error: unknown): string {
  for (let at = error; at && typeof at === 'object'; at = (at as { cause?: unknown }).cause) {
    const code = (at as { code?: unknown }).code
    if (typeof code === 'string') return code
    // Several addresses were tried; the first one's reason stands for all.
    const [first] = (at as { errors?: unknown[] }).errors ?? []
    if (first) return codeOf(first)
  }
  return ''
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
