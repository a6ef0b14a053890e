import { ApiError } from '@mortise/contract/client'

/** What the shell is told. Written down for scripts in README.md; a number never changes its meaning. */
export const exitCodes = { ok: 0, refused: 1, usage: 2, unreachable: 3 } as const

/** Something a person can act on: what happened, then what to do next. */
export class Failure extends Error {
  readonly exitCode: number
  readonly next: string | undefined

  constructor(message: string, details: { exitCode?: number; next?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause })
    this.name = 'Failure'
    this.exitCode = details.exitCode ?? exitCodes.refused
    this.next = details.next
  }
}

export function wrongUsage(message: string, next?: string): Failure {
  return new Failure(message, { exitCode: exitCodes.usage, next })
}

/** Nothing came back: whether the server acted is not known, so scripts get a number of their own. */
export function unreachable(message: string, next: string, cause?: unknown): Failure {
  return new Failure(message, { exitCode: exitCodes.unreachable, next, cause })
}

export interface Explained {
  message: string
  next?: string
  /** The server's error id, when the server spoke. */
  id?: string
  /** What stands for the id when the server did not speak. */
  kind: 'failed' | 'usage' | 'unreachable'
  exitCode: number
  /** Set for what should never happen, so that it can be reported with its stack. */
  bug?: Error
}

/** Turns whatever was thrown into the sentence, the advice and the exit code that the caller gets. */
export function explain(error: unknown, env: Record<string, string | undefined> = {}): Explained {
  if (error instanceof Failure) {
    return { message: error.message, next: error.next, kind: kindOf(error.exitCode), exitCode: error.exitCode }
  }
  if (error instanceof ApiError) return explainAnswer(error, env)
  if (isParseError(error)) {
    return {
      message: error.message.replace(/\n?See more help with --help$/, ''),
      next: 'Add --help to see what this command takes.',
      kind: 'usage',
      exitCode: exitCodes.usage,
    }
  }
  const bug = error instanceof Error ? error : new Error(String(error))
  return { message: bug.message, kind: 'failed', exitCode: exitCodes.refused, bug }
}

function kindOf(exitCode: number): Explained['kind'] {
  if (exitCode === exitCodes.usage) return 'usage'
  return exitCode === exitCodes.unreachable ? 'unreachable' : 'failed'
}

function explainAnswer(error: ApiError, env: Record<string, string | undefined>): Explained {
  const told = {
    message: portalMessage(error) ?? error.message,
    id: error.id,
    kind: 'failed' as const,
    exitCode: exitCodes.refused,
  }
  const next = adviceFor(error, env)
  return next ? { ...told, next } : told
}

/** The provider portal answers `{error: {base: [...]}}` or `{error: "..."}` instead of `{id, message}`. */
function portalMessage({ body }: ApiError): string | undefined {
  const said = body['error']
  if (typeof said === 'string') return said
  const base = said && typeof said === 'object' ? (said as Record<string, unknown>)['base'] : undefined
  return Array.isArray(base) && base.length > 0 ? base.map(String).join('\n') : undefined
}

const whereToLook: Record<string, string> = {
  app: 'Run `mortise apps` to see your apps.',
  add_on: 'Run `mortise addons` to see your add-ons.',
  'add_on attachment': 'Run `mortise addons` to see what is attached where.',
  add_on_service: 'Run `mortise addons:services` to see what can be added.',
  plan: 'Run `mortise addons:plans SERVICE` to see the plans.',
  release: 'Run `mortise releases` to see the releases.',
  dyno: 'Run `mortise ps` to see the dynos.',
  formation: 'Run `mortise ps:scale` to see the process types.',
}

function adviceFor({ status, body, requestId }: ApiError, env: Record<string, string | undefined>): string | undefined {
  if (status === 401) {
    return env['MORTISE_API_KEY']
      ? 'The key in MORTISE_API_KEY is not accepted here. Change or unset it.'
      : 'Sign in with `mortise login`.'
  }
  if (typeof body['url'] === 'string') return `See ${body['url']}`
  if (status === 404) return whereToLook[String(body['resource'])]
  if (status === 429) return 'Wait a minute, then try again.'
  if (status === 500 && requestId) return `Give the operator this request id: ${requestId}`
  return undefined
}

/** oclif marks its own complaints about flags and arguments with the input that it could not parse. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'oclif' in error && 'parse' in error
}
