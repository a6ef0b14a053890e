import { type Db, transact } from '../db/db.js'
import type { Secrets } from './seal.js'
import * as store from './sealed-store.js'

/** Rows in one transaction: short, so that nobody waits for it. */
const batchMax = 200

/**
 * Wraps the data keys of all sealed values anew with the key that seals now; no value is opened. May be interrupted and
 * repeated, and others may write meanwhile.
 * @returns how many were rewrapped
 */
export async function rewrapAll(db: Db, secrets: Secrets, version: number): Promise<number> {
  let count = 0
  for (const column of store.sealedColumns) {
    for (let found = batchMax; found === batchMax; ) {
      found = await transact(db, async (tx) => {
        const batch = await store.lockSealedOtherwise(tx, column, version, batchMax)
        for (const { place, context, sealed } of batch) {
          const again = secrets.rewrap(sealed, context)
          if (again) await store.writeSealed(tx, column, place, again)
        }
        return batch.length
      })
      count += found
    }
  }
  return count
}

/** The same for the word by which a start knows that key and database belong together. */
export async function rewrapKeyCheck(db: Db, secrets: Secrets, context: string): Promise<void> {
  await transact(db, async (tx) => {
    const check = await store.lockKeyCheck(tx)
    const again = check && secrets.rewrap(Buffer.from(check, 'base64'), context)
    if (again) await store.writeKeyCheck(tx, again.toString('base64'))
  })
}
