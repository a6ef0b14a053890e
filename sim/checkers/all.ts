import { noOverlap, oneOpenCharge } from './charges.js'
import type { Checker } from './checker.js'
import { changeHasRelease, configIsItsParts, noCrossTalk, oneOwner, versionsInOrder } from './config.js'
import { noDynoOnRevoked, oneActive } from './credentials.js'
import { eventsMatch } from './events.js'
import { knownResources } from './known-resources.js'
import { everyDebtIsSettled, goneIsGone, provisionedIsThere, samePlan } from './ledger.js'
import { differencesTold, othersStay } from './lists.js'
import { everyOperationEnds, settlesSoon, somebodyWorks } from './operations.js'
import { deployedRuns, newestRuns } from './rolls.js'
import { doneSetupIsWhole, failedSetupIsGone, failedSetupOwesNothing } from './setups.js'
import { everyEventTold, syncInOrder, takenIsTaken } from './webhooks.js'

/** Every invariant that no world may break. */
export const checkers: readonly Checker[] = [
  knownResources,
  oneOpenCharge,
  noOverlap,
  eventsMatch,
  somebodyWorks,
  oneOwner,
  changeHasRelease,
  versionsInOrder,
  noCrossTalk,
  oneActive,
  noDynoOnRevoked,
  doneSetupIsWhole,
  failedSetupIsGone,
  failedSetupOwesNothing,
  syncInOrder,
  provisionedIsThere,
  goneIsGone,
  samePlan,
  everyOperationEnds,
  settlesSoon,
  everyDebtIsSettled,
  configIsItsParts,
  newestRuns,
  deployedRuns,
  everyEventTold,
  takenIsTaken,
  othersStay,
  differencesTold,
]
