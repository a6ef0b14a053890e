import type { Checker } from './checker.js'

export const somebodyWorks: Checker = {
  name: 'an add-on between states has an operation that moves it',
  when: 'always',
  check({ facts }) {
    return facts.addons.flatMap(({ name, state, running }) =>
      (state === 'provisioning' || state === 'deprovisioning') && running !== 1
        ? [`${name} is ${state} and ${running} operations work on it`]
        : [],
    )
  },
}

export const everyOperationEnds: Checker = {
  name: 'every operation ends, or is stuck with a reason',
  when: 'settled',
  check({ facts }) {
    return facts.operations
      .filter(({ endedAt, state, reason }) => endedAt === null && !(state === 'stuck' && reason !== null))
      .map(({ saga, state, step, reason }) => `${saga} is ${state} at ${step} (${reason ?? 'no reason'})`)
  },
}

/** Cut-off questions wait for a lease at most, and a doubtful one is asked again at 5 s. */
const settledWithinMs = 120_000

export const settlesSoon: Checker = {
  name: 'after ordinary faults every story ends within two minutes',
  when: 'settled',
  check({ facts, onlyOrdinary }) {
    if (!onlyOrdinary) return []
    return facts.operations.flatMap(({ saga, createdAt, endedAt, reason }) => {
      // A build, a release and a command take what they take; what a set-up asks of providers are stories of their own.
      if (saga === 'app.setup') return []
      const tookMs = (endedAt?.getTime() ?? Number.POSITIVE_INFINITY) - createdAt.getTime()
      return tookMs <= settledWithinMs ? [] : [`${saga} took ${tookMs / 1000} s (${reason})`]
    })
  },
}
