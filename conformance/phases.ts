import { afterPhase } from './after-checks.js'
import { callbackPhase } from './callback-checks.js'
import type { Phase } from './check.js'
import { deprovisionPhase } from './deprovision-checks.js'
import { idempotencyPhase } from './idempotency-checks.js'
import { planPhase } from './plan-checks.js'
import { provisionPhase } from './provision-checks.js'
import { ssoPhase } from './sso-checks.js'

/** What is asked of a running provider, in the order in which a resource lives. The manifest comes before. */
export const phases: readonly Phase[] = [
  provisionPhase,
  idempotencyPhase,
  planPhase,
  callbackPhase,
  ssoPhase,
  deprovisionPhase,
  afterPhase,
]
