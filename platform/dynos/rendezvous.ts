import type { OneOff } from '@mortise/runtime/driver'
import type { LogSink } from '@mortise/runtime/logs/logs'
import { newToken, tokenHash } from '../secrets/tokens.js'

/** How long an attached one-off waits for its client. Source: Dev Center, "Error Codes", R13 (attach error). */
export const attachMsMax = 60_000

/** Where attached one-offs wait for whoever asked for them. */
export interface Rendezvous {
  /** @returns the secret by which the client takes it, once */
  wait(appId: string, oneOff: OneOff): string
  meet(secret: string): OneOff | undefined
}

/** In memory: after a restart of the platform no one-off runs that somebody could come for. */
export function rendezvous(deps: { logs: LogSink; waitMs?: number }): Rendezvous {
  const { logs, waitMs = attachMsMax } = deps
  const waiting = new Map<string, { oneOff: OneOff; timer: NodeJS.Timeout }>()
  // Looked up by a digest, so that the time a look takes says nothing about the secrets.
  const keyOf = (secret: string) => tokenHash(secret).toString('base64')

  return {
    wait(appId, oneOff) {
      const secret = newToken()
      const giveUp = () => {
        waiting.delete(keyOf(secret))
        const text = 'Error R13 (Attach error) -> Failed to attach to process'
        logs.write(appId, { source: 'heroku', dyno: oneOff.name, text })
        void oneOff.stop()
      }
      waiting.set(keyOf(secret), { oneOff, timer: setTimeout(giveUp, waitMs).unref() })
      return secret
    },
    meet(secret) {
      const found = waiting.get(keyOf(secret))
      if (!found) return undefined
      waiting.delete(keyOf(secret))
      clearTimeout(found.timer)
      return found.oneOff
    },
  }
}
