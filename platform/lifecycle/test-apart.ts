import type { Taken } from '../db/test-lock-orders.js'

const pairs: readonly (readonly [RegExp, RegExp])[] = [
  // A release pins credentials that are in force, and only staged ones are deleted.
  [/^insert into release_pins /, /^delete from credentials /],
  // What an app has left when it is taken apart are the customer's own names.
  [/^delete from app_config_names where app_id = \$1$/, /^delete from app_config_names where attachment_id = \$1$/],
]

/** Two locks on rows of one table that are never the same row, whatever ran: by what the statements say, not by their rows. */
export function areApart(one: Taken, other: Taken): boolean {
  return pairs.some(
    ([first, second]) => (first.test(one.by) && second.test(other.by)) || (first.test(other.by) && second.test(one.by)),
  )
}
