import type { Db } from '../db/db.js'
import { passedCheck } from './inspection-store.js'
import type { Service } from './service.js'

/** The check of `mortise inspect` that sends one uuid twice. */
const repeatCheck = 'idempotency.repeat'

/**
 * Whether a provision may be asked for again when nobody knows what became of the first question. By the third version's
 * contract it may; of an older provider only its newest inspection tells, when it was of the manifest in force.
 * Source: RULES.md, section 1.
 */
export async function isSafeToRepeat(db: Db, service: Service): Promise<boolean> {
  return service.protocol === 'heroku-v3' || passedCheck(db, service, repeatCheck)
}
