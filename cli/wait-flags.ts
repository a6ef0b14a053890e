import * as Flags from '@oclif/core/flags'
import { type Waiting, waitIntervalSeconds, waitTimeoutSeconds } from './wait.js'

/** How long a command that waits may wait. */
export const waitFlags = {
  'wait-interval': Flags.integer({
    min: 1,
    max: 3600,
    default: waitIntervalSeconds,
    helpValue: 'SECONDS',
    description: 'how often to look',
  }),
  'wait-timeout': Flags.integer({
    min: 1,
    default: waitTimeoutSeconds,
    helpValue: 'SECONDS',
    description: 'how long to wait at most',
  }),
}

export function waitingOf(flags: { 'wait-interval': number; 'wait-timeout': number }): Waiting {
  return { intervalSeconds: flags['wait-interval'], timeoutSeconds: flags['wait-timeout'] }
}
