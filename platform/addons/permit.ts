import { may, type Stake } from '../accounts/permit.js'
import type { Asker } from '../http/handle.js'

/**
 * view: see that it is there, its plan and its names · open: walk into the provider's dashboard ·
 * manage: rename, change the plan, remove · partner: speak as its provider.
 */
export type AddonRight = 'view' | 'open' | 'manage' | 'partner'

/** What an account has to do with an add-on. */
export interface AddonStake {
  isOwner: boolean
  /** Its stake in the billing app. */
  billing: Stake
  /** Whether it may see an app that the add-on is attached to. */
  isAttached: boolean
}

/**
 * Who has a right, one line each. Members of an app with somebody else's add-on see it there, and nothing else:
 * they may not open, change or remove it. Source: RULES.md, section 7.
 */
const holders: Record<AddonRight, (asker: Asker, stake: AddonStake) => boolean> = {
  view: (asker, stake) => stake.isOwner || may(asker, stake.billing, 'view') || stake.isAttached,
  open: (asker, stake) => stake.isOwner || may(asker, stake.billing, 'view'),
  manage: (asker, stake) =>
    stake.isOwner || may(asker, stake.billing, 'operate') || may(asker, stake.billing, 'manage'),
  partner: (asker, stake) => holders.manage(asker, stake),
}

/** For accounts; a provider's token is judged by `guardAddon`. */
export function mayWithAddon(asker: Asker, stake: AddonStake, right: AddonRight): boolean {
  return asker.account !== null && holders[right](asker, stake)
}
