import { isDeepStrictEqual } from 'node:util'
import { type Check, fail, type Phase, pass, Skipped, type Verdict, warn } from './check.js'
import { type Exchange, fieldsOf, isOk, outcomeOf, statusOf } from './exchange.js'
import type { Inspection } from './inspection.js'

/** How many requests for one uuid are sent at the same time. */
const atOnce = 5

const source = 'Dev Center, Add-on Partner API reference (2025): delivery is at least once, and the uuid tells repeats'

/** v1 learned the uuid late, and most of its providers do not read it: there it is advice. */
function violation(it: Inspection, reason: string, exchanges: Exchange[]): Verdict {
  return it.isV3 ? fail(reason, exchanges) : warn(`${reason} The platform will not repeat requests to it.`, exchanges)
}

/** The difference between two answers to one question, or null. */
function difference(one: Exchange, other: Exchange): string | null {
  const [a, b] = [fieldsOf(one), fieldsOf(other)]
  if (String(a.id) !== String(b.id)) return `The id was ${JSON.stringify(a.id)} and then ${JSON.stringify(b.id)}.`
  // A 202 has no config yet; it may come between two repeats.
  if (statusOf(one) === 202 || statusOf(other) === 202) return null
  return isDeepStrictEqual(a.config ?? null, b.config ?? null) ? null : 'The config of the second answer differs.'
}

const repeat: Check = {
  id: 'idempotency.repeat',
  title: 'the same uuid again is the same resource',
  rule: 'A request that comes again is answered with the same id and the same config, and makes nothing new.',
  source,
  advice: 'Keep the uuid under a unique constraint, and answer a repeat from what was kept.',
  async run(it) {
    const made = await it.live()
    const again = await it.partner.provision(made.question)
    if (!isOk(again)) return violation(it, `The repeat got ${outcomeOf(again)}.`, [made.exchange, again])
    const differs = difference(made.exchange, again)
    return differs ? violation(it, differs, [made.exchange, again]) : pass([made.exchange, again])
  },
}

const together: Check = {
  id: 'idempotency.at-once',
  title: `the same uuid ${atOnce} times at the same time is one resource`,
  rule: 'Repeats may arrive before the first one is answered; all of them get the same id and the same config.',
  source,
  advice: 'Insert the uuid before the work begins, or lock it; a look followed by an insert lets two through.',
  async run(it) {
    if (!it.isV3) throw new Skipped('v1 does not promise it')
    await it.live()
    const { question } = it.prepare()
    const all = await Promise.all(Array.from({ length: atOnce }, () => it.partner.provision(question)))
    const good = all.filter(isOk)
    const bad = all.find((each) => !isOk(each) && ![409, 425, 429, 503].includes(statusOf(each)))
    if (bad) return fail(`One of them got ${outcomeOf(bad)}.`, [bad])
    const [first, ...others] = good
    if (!first) return fail('None of them was served.', all.slice(0, 1))
    for (const other of others) {
      const differs = difference(first, other)
      if (differs) return fail(differs, [first, other])
    }
    if (good.length === all.length) return pass(first)
    const busy = all.filter((each) => !isOk(each)).slice(0, 1)
    return warn(`${all.length - good.length} of them were turned away; the platform has to ask again.`, busy)
  },
}

export const idempotencyPhase: Phase = {
  id: 'idempotency',
  title: 'idempotency: requests that come twice',
  checks: [repeat, together],
}
