/**
 * Throw it to refuse a request for good: the platform shows the message to the customer (422).
 * Promise: when provision refuses, nothing was made.
 */
export class Refused extends Error {
  override name = 'Refused'
}

/** Throw it when the service cannot do it at the moment: the message is shown to the customer (503). */
export class Unavailable extends Error {
  override name = 'Unavailable'
}

/** An answer that is still to come; see `later`. */
export interface Later {
  later: true
  message: string
}

/**
 * Answers 202: the work goes on after the answer. Call `finish` (or `fail`) of the provider when it is done;
 * the platform gives up after 12 hours. Keep the job somewhere that survives a restart.
 * @param message one sentence for the customer
 */
export function later(message: string): Later {
  return { later: true, message }
}

export function isLater(answer: unknown): answer is Later {
  return typeof answer === 'object' && answer !== null && 'later' in answer && answer.later === true
}
