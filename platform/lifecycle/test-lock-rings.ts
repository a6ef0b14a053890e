import type { LockOrders, Taken } from '../db/test-lock-orders.js'

const pairs: readonly (readonly [RegExp, RegExp])[] = [
  // A release pins credentials that are in force, and only staged ones are deleted.
  [/^insert into release_pins /, /^delete from credentials /],
  // What an app has left when it is taken apart are the customer's own names.
  [/^delete from app_config_names where app_id = \$1$/, /^delete from app_config_names where attachment_id = \$1$/],
]

/** Two locks on rows of one table that are never the same row, whatever ran: by what the statements say, not by their rows. */
function areApart(one: Taken, other: Taken): boolean {
  return pairs.some(
    ([first, second]) => (first.test(one.by) && second.test(other.by)) || (first.test(other.by) && second.test(one.by)),
  )
}

/**
 * Tells of rings among all that was locked while a load went on. Which transactions a load comes to differs from run to run, and a
 * ring may still be one that nobody can close; so they are said, for somebody to look at, and are a failure only with
 * `MORTISE_LOCK_RINGS=1`. That nobody waited in one is for whoever counts deadlocks.
 */
export function lookForRings(orders: LockOrders): void {
  const rings = orders.cycles(areApart)
  if (rings.length === 0) return
  const said = rings.join('\n')
  if (process.env['MORTISE_LOCK_RINGS']) throw new Error(`These could wait for each other:\n${said}`)
  console.log(`These could wait for each other, if nothing else keeps them apart:\n${said}`)
}
