import { type AppRight, may } from '../accounts/permit.js'
import { liveTokens } from '../accounts/token-store.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { World } from '../world/world.js'
import { findAppStake, findLiveAppIds } from './store.js'

/** By whom, with which right and on which app something was opened that stays open. */
export interface Held {
  asker: Asker
  /** Null for what hangs on the session alone. */
  appId: string | null
  right: AppRight
}

/** What stays open (a stream of logs, a command's terminal) stays so only while its right lasts. */
export interface HeldRights {
  /** Whether the token lives and its account may still do this. */
  lasts(held: Held): Promise<boolean>
  /** Calls `end` once, soon after the right has ended. @returns how to let go, which may be repeated */
  hold(held: Held, end: () => void): () => void
}

/** A revoked or renewed token, or somebody who left a team, reads on for at most this long. */
export const lookMsDefault = 2_000

/**
 * Looks at all that is held at once, so that any way in which a right ends counts, in whichever process it ended. When
 * the database can't be asked nothing is ended: its silence is no answer.
 */
export function heldRights(deps: { db: Db; world: World; lookMs?: number }): HeldRights {
  const { db, world, lookMs = lookMsDefault } = deps
  const open = new Map<symbol, { held: Held; end: () => void }>()
  let timer: NodeJS.Timeout | undefined
  let looking = false

  async function lasting(all: readonly Held[]): Promise<(held: Held) => boolean> {
    const tokens = await liveTokens(db, [...new Set(all.map(({ asker }) => asker.tokenId))], world.now())
    const apps = await findLiveAppIds(db, [...new Set(all.flatMap(({ appId }) => appId ?? []))])
    const stakes = new Map<string, Awaited<ReturnType<typeof findAppStake>>>()
    const keyOf = ({ appId, asker }: Held) => `${appId} ${asker.account?.id}`
    for (const held of all) {
      const { account } = held.asker
      if (!account || held.appId === null || !apps.has(held.appId) || stakes.has(keyOf(held))) continue
      stakes.set(keyOf(held), await findAppStake(db, held.appId, account.id))
    }
    return (held) => {
      const stake = stakes.get(keyOf(held))
      const { tokenId, tokenDigest } = held.asker
      const digest = tokens.get(tokenId)
      // A token that was renewed is another one: whoever has the old one has nothing any more.
      const isSame = digest !== undefined && (tokenDigest === undefined || tokenDigest === digest)
      if (held.appId === null) return isSame
      return stake !== undefined && isSame && may(held.asker, stake, held.right)
    }
  }

  async function look(): Promise<void> {
    if (looking) return
    looking = true
    try {
      const all = [...open]
      const lasts = await lasting(all.map(([, { held }]) => held))
      for (const [key, { held, end }] of all) if (!lasts(held) && open.delete(key)) end()
    } catch {
      // Asked again at the next look.
    } finally {
      looking = false
      rest()
    }
  }

  /** No clock runs while nothing is held. */
  function rest(): void {
    if (open.size || !timer) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    lasts: async (held) => (await lasting([held]))(held),
    hold(held, end) {
      const key = Symbol(held.appId ?? 'session')
      open.set(key, { held, end })
      timer ??= setInterval(() => void look(), lookMs).unref()
      return () => {
        open.delete(key)
        rest()
      }
    },
  }
}
