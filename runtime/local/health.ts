import { setTimeout as sleep } from 'node:timers/promises'
import { listeningHost } from './port.js'

/**
 * Waits until a process is healthy: until its port accepts a connection, within `healthMs`; without a port until it has been
 * alive for `aliveMs`.
 * @param isOver whether the process ended or is no longer wanted
 * @returns the host on which it listens (`alive` without a port); undefined when it never became healthy
 */
export async function healthy(
  port: number | undefined,
  { healthMs, aliveMs }: { healthMs: number; aliveMs: number },
  isOver: () => boolean,
): Promise<string | undefined> {
  const until = Date.now() + (port === undefined ? aliveMs : healthMs)
  // Looks often at first, since most apps listen within half a second, then less.
  for (let waitMs = 20; !isOver(); waitMs = Math.min(waitMs * 1.2, 250)) {
    if (port !== undefined) {
      const host = await listeningHost(port)
      if (host) return host
    }
    const leftMs = until - Date.now()
    if (leftMs <= 0) return port === undefined ? 'alive' : undefined
    await sleep(Math.min(waitMs, leftMs))
  }
}
