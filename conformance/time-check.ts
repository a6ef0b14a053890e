import { type Check, fail, pass, Skipped, warn } from './check.js'
import type { Verb } from './inspection.js'

/** Says how long the slowest answer to one kind of request took, among all that were sent up to here. */
export function timeCheck(verb: Verb, what: string): Check {
  return {
    id: `${verb}.time`,
    title: `${what} is answered in time`,
    rule: 'Answer within 3 s. After 25 s nobody listens any more, and what was made is in doubt.',
    source: 'Dev Center, legacy Add-on Partner API reference (2024), timeouts',
    advice: 'Answer 202 at once and finish behind it (v3), or make the work quicker.',
    run({ exchanges, limits }) {
      const slowest = exchanges[verb].reduce((a, b) => (b.ms > (a?.ms ?? -1) ? b : a), exchanges[verb][0])
      if (!slowest) throw new Skipped('nothing was sent')
      const late = exchanges[verb].find(({ failure }) => failure === 'timeout')
      if (late) return fail(`An answer did not come within ${limits.answerMs / 1000} s.`, late)
      if (slowest.ms <= limits.slowMs) return pass(slowest)
      return warn(`The slowest answer took ${(slowest.ms / 1000).toFixed(1)} s.`, slowest)
    },
  }
}
