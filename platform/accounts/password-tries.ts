import { WireError } from '@mortise/contract/errors'
import { isPassword } from '../secrets/tokens.js'
import type { World } from '../world/world.js'

export const triesMax = 10
/** An address that tries many accounts; a whole office may share it. */
export const triesOfAddressMax = 50
export const triesMinutes = 10
// A try costs 128 MiB and about 0.3 s, so few run side by side and few may wait.
const sideBySideMax = 2
const waitingMax = 50
const entriesMax = 20_000

export interface PasswordTries {
  /**
   * Whether it is the password; an unknown account (`stored` null) costs the same time.
   * @throws WireError 429 after `triesMax` failures for this account from this address within `triesMinutes`
   */
  check(account: string, address: string, password: string, stored: string | null): Promise<boolean>
}

/**
 * Counts failures in this process's memory: a restart forgives, which an attacker can't bring about. Of several
 * processes each allows its share, so that asking them in turn gains little.
 */
export function passwordTries(world: World, processes: () => number = () => 1): PasswordTries {
  const failures = new Map<string, { count: number; until: number }>()
  const queue: (() => void)[] = []
  let running = 0

  function take(key: string, most: number): void {
    const now = world.now().getTime()
    const entry = failures.get(key)
    if (!entry || entry.until <= now) {
      if (failures.size >= entriesMax) forgetOld(now)
      failures.set(key, { count: 1, until: now + triesMinutes * 60_000 })
      return
    }
    if (entry.count >= Math.ceil(most / Math.max(1, processes()))) {
      const minutes = Math.ceil((entry.until - now) / 60_000)
      throw new WireError(
        'rate_limit',
        `Too many failed sign-ins. Try again in ${minutes} minutes.`,
        {},
        {
          'Retry-After': String(Math.ceil((entry.until - now) / 1000)),
        },
      )
    }
    entry.count++
  }

  function forgetOld(now: number): void {
    for (const [key, entry] of failures) if (entry.until <= now) failures.delete(key)
    // All still count: the oldest go, since memory has an end too.
    for (const key of failures.keys()) {
      if (failures.size < entriesMax) break
      failures.delete(key)
    }
  }

  async function turn(): Promise<void> {
    if (running < sideBySideMax) {
      running++
      return
    }
    if (queue.length >= waitingMax) {
      throw new WireError('rate_limit', 'Too many people sign in at this moment. Try again in a minute.')
    }
    await new Promise<void>((go) => queue.push(go))
  }

  return {
    async check(account, address, password, stored) {
      const mine = `${account.toLowerCase()} ${address}`
      // Counted before the answer is known, so that tries side by side can't pass the limit together.
      take(mine, triesMax)
      take(address, triesOfAddressMax)
      await turn()
      try {
        const isRight = await isPassword(password, stored)
        if (isRight) {
          failures.delete(mine)
          const all = failures.get(address)
          if (all) all.count--
        }
        return isRight
      } finally {
        const next = queue.shift()
        if (next) next()
        else running--
      }
    },
  }
}
