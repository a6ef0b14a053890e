import type { Db } from '../../platform/db/db.js'
import type { Secrets } from '../../platform/secrets/seal.js'
import type { SimulatedDyno } from '../dynos.js'
import type { Facts } from '../facts.js'
import type { SimulatedProvider } from '../provider.js'
import type { Receiver } from '../receiver.js'

/** What the checkers look at: the database as it is, and the parties as they really are. */
export interface View {
  facts: Facts
  provider: SimulatedProvider
  dynos: SimulatedDyno[]
  receivers: readonly Receiver[]
  db: Db
  secrets: Secrets
  now: Date
  /** Each question went wrong at most once, in an ordinary way. */
  onlyOrdinary: boolean
}

/** A named invariant: a sentence for each place where it does not hold. */
export interface Checker {
  name: string
  /** `always`: whenever something was written · `settled`: when nothing is due any more and the world is honest. */
  when: 'always' | 'settled'
  check(view: View): string[] | Promise<string[]>
}

export const byId = <T extends { id: string }>(all: readonly T[]) => new Map(all.map((one) => [one.id, one]))

/** An app's newest release, by app. */
export function newestReleases(facts: Facts): Map<string, Facts['releases'][number]> {
  // They come in order of their versions.
  return new Map(facts.releases.map((release) => [release.appId, release]))
}
