import { accessTokenSeconds, grantMinutes } from '@mortise/contract/partner-api/oauth'
import { PlatformRefused, platformAnswerMs } from './platform.js'
import type { ResourceStore, Tokens } from './resource.js'

export interface GrantOptions {
  /** Address of the token endpoint's host, such as https://id.heroku.com */
  id: string
  /** The service's OAuth secret. Asked each time, so it may arrive later than the provider starts; null: not there yet. */
  clientSecret(): Promise<string | null>
  store: ResourceStore
  now(): Date
  log(line: { event: string; uuid: string; message: string }): void
}

export interface Grants {
  /**
   * Trades a code behind the back of the answer, with a few repeats while the code lives. Never throws: a provider
   * must not die because the token host is down. Nothing happens when tokens are there already.
   */
  trade(uuid: string, code: string): void
  /**
   * A valid access token, refreshed a minute before it runs out, or at once when it was refused.
   * @throws Error when the grant was never traded; PlatformRefused when the refresh is refused
   */
  accessToken(uuid: string, isRefused?: boolean): Promise<string>
  /** Ends the repeats. */
  close(): void
}

/** Pauses before each try, in ms. The first is short: the platform may not have read our answer yet. */
const pausesMs = [50, 1_000, 5_000, 20_000, 60_000, 120_000]

export function createGrants(options: GrantOptions): Grants {
  const timers = new Set<NodeJS.Timeout>()
  const refreshes = new Map<string, Promise<Tokens>>()

  return {
    trade(uuid, code) {
      const deadline = options.now().getTime() + grantMinutes * 60_000
      const attempt = (index: number) => {
        const pause = pausesMs[index]
        if (pause === undefined || options.now().getTime() + pause > deadline) {
          return options.log({ event: 'grant_lost', uuid, message: 'The grant ran out before it could be traded.' })
        }
        const timer = setTimeout(() => {
          timers.delete(timer)
          tradeOnce(uuid, code).then(
            (isOver) => isOver || attempt(index + 1),
            (error) => {
              options.log({ event: 'grant_failed', uuid, message: reasonOf(error) })
              // A refusal is final, except that a platform may issue the grant a moment after our answer.
              if (!(error instanceof PlatformRefused && error.status < 500 && index > 1)) attempt(index + 1)
            },
          )
        }, pause)
        timer.unref()
        timers.add(timer)
      }
      attempt(0)
    },

    async accessToken(uuid, isRefused = false) {
      const tokens = await options.store.tokens(uuid)
      if (!tokens) throw new Error(`The grant of ${uuid} was not traded for tokens. ${await whyNot()}`)
      if (!isRefused && tokens.expiresAt - options.now().getTime() > 60_000) return tokens.accessToken
      // One refresh at a time: the endpoint may hand out a new refresh token and forget the old.
      const refresh = refreshes.get(uuid) ?? refreshOnce(uuid, tokens).finally(() => refreshes.delete(uuid))
      refreshes.set(uuid, refresh)
      return (await refresh).accessToken
    },

    close() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }

  async function whyNot(): Promise<string> {
    return (await options.clientSecret())
      ? `Look for "grant_failed" in the log; it is traded at ${options.id}.`
      : 'There is no client secret: give createProvider the one that the first push told.'
  }

  /** True when there is nothing left to do. */
  async function tradeOnce(uuid: string, code: string): Promise<boolean> {
    if (await options.store.tokens(uuid)) return true
    const resource = await options.store.get(uuid)
    if (!resource || resource.state === 'removed') return true
    const secret = await options.clientSecret()
    if (!secret) return false
    const tokens = await ask({ grant_type: 'authorization_code', code, client_secret: secret })
    await options.store.saveTokens(uuid, tokens)
    return true
  }

  async function refreshOnce(uuid: string, { refreshToken }: Tokens): Promise<Tokens> {
    const secret = await options.clientSecret()
    if (!secret) throw new Error('The OAuth secret of the service is not known here.')
    const tokens = await ask({ grant_type: 'refresh_token', refresh_token: refreshToken, client_secret: secret })
    const kept = { ...tokens, refreshToken: tokens.refreshToken || refreshToken }
    await options.store.saveTokens(uuid, kept)
    return kept
  }

  async function ask(fields: Record<string, string>): Promise<Tokens> {
    const response = await fetch(`${options.id.replace(/\/+$/, '')}/oauth/token`, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(platformAnswerMs),
      headers: { accept: 'application/json' },
      body: new URLSearchParams(fields),
    })
    const text = await response.text()
    const answer = jsonOf(text)
    if (!response.ok || typeof answer.access_token !== 'string') {
      const status = response.ok ? 502 : response.status
      throw new PlatformRefused(status, String(answer.id ?? ''), `The token endpoint answered ${response.status}.`)
    }
    const seconds = typeof answer.expires_in === 'number' ? answer.expires_in : accessTokenSeconds
    return {
      accessToken: answer.access_token,
      refreshToken: typeof answer.refresh_token === 'string' ? answer.refresh_token : '',
      expiresAt: options.now().getTime() + seconds * 1000,
    }
  }
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** fetch says only "fetch failed"; the reason is below it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message ? `${error.message}: ${cause.message}` : error.message
}
