import { fail, pass, type Verdict, warn } from './check.js'
import { type Exchange, isOk, messageOf, outcomeOf, statusOf } from './exchange.js'

/** Statuses whose message reaches the customer. Source: Dev Center, Add-on Provider API (2014); 402 is ours to pass on. */
const spoken = [422, 402, 503]

/**
 * Whether an answer is a refusal in the provider's own words. Serving what does not exist is a warning only:
 * real providers that know no plans do that, and nothing breaks.
 */
export function judgeRefusal(exchange: Exchange, served: string): Verdict {
  if (isOk(exchange)) return warn(served, exchange)
  if (!spoken.includes(statusOf(exchange))) return fail(`Expected 422, got ${outcomeOf(exchange)}.`, exchange)
  if (!messageOf(exchange)) return fail('The refusal has no "message": the customer reads a standard text.', exchange)
  return pass(exchange)
}
