import { type Check, fail, pass } from './check.js'
import { type Exchange, outcomeOf, statusOf } from './exchange.js'
import type { Inspection } from './inspection.js'
import type { Asker } from './partner.js'

const strangers: { id: string; title: string; source: string; as(it: Inspection): Asker }[] = [
  {
    id: 'wrong-user-and-password',
    title: 'a wrong user with a wrong password',
    source: 'kensa, authentication',
    as: () => ({ user: 'wrong', password: 'secret' }),
  },
  {
    id: 'wrong-password',
    title: 'the right user with a wrong password',
    source: 'Dev Center, Add-on Partner API reference (2025), authentication',
    as: ({ manifest }) => ({ user: manifest.id, password: `not-${manifest.api.password}` }),
  },
  {
    id: 'wrong-user',
    title: 'a wrong user with the right password',
    source: 'Dev Center, Add-on Partner API reference (2025), authentication',
    as: ({ manifest }) => ({ user: `not-${manifest.id}`, password: manifest.api.password }),
  },
  {
    id: 'no-password',
    title: 'a request without user and password',
    source: 'Dev Center, Add-on Partner API reference (2025), authentication',
    as: () => null,
  },
]

/** The same four strangers for each of the wire's calls. */
export function authChecks(prefix: string, ask: (it: Inspection, as: Asker) => Promise<Exchange>): Check[] {
  return strangers.map(({ id, title, source, as }) => ({
    id: `${prefix}.${id}`,
    title: `${title} is refused`,
    rule: 'Every request carries the id and the password of the manifest; check both, and answer 401 to anything else.',
    source,
    advice: 'Compare user and password with the manifest before anything else is looked at, and answer 401.',
    async run(it) {
      const exchange = await ask(it, as(it))
      if (statusOf(exchange) === 401) return pass(exchange)
      return fail(`Expected 401, got ${outcomeOf(exchange)}.`, exchange)
    },
  }))
}
