import type { Change } from '@mortise/contract/platform-api/changes'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Failure } from './failure.js'
import { plainText } from './plain-text.js'
import { priceText } from './price.js'
import { properties } from './table.js'
import { type Clock, realClock, type Waiting, waitUntil } from './wait.js'

/** What a change does, or did, as lines of names. */
export function changeText(change: Change): string {
  const { add_ons, attachments, detached, config_vars } = change
  const names = (of: readonly string[]) => (of.length ? ` (${of.join(', ')})` : '')
  const lines = (of: readonly string[]) => of.join('\n')
  return properties([
    [
      'Create',
      lines(
        add_ons.map(
          (one) =>
            `${one.name ? `${one.name} ` : ''}${one.plan} as ${one.attachment}${names(one.config_vars)}, ${priceText(one.price)}`,
        ),
      ),
    ],
    ['Attach', lines(attachments.map((one) => `${one.addon.name} as ${one.name}${names(one.config_vars)}`))],
    ['Detach', lines(detached.map((one) => `${one.name} of ${one.addon.name}`))],
    ['New vars', config_vars.added.join(', ')],
    ['Changed vars', config_vars.changed.join(', ')],
    ['Removed vars', config_vars.removed.join(', ')],
    ['Overwrites', lines(change.overwrites)],
    ['Costs more', change.price.cents ? priceText({ ...change.price, contract: false }) : null],
  ])
}

/**
 * Waits until the add-ons of a change are there and all of it is released.
 * @throws Failure in the server's words when nothing came of it, or when the time is over (it goes on by itself)
 */
export async function settledChange(
  api: Api,
  app: string,
  change: Pick<Change, 'id'>,
  waiting: Waiting,
  clock: Clock = realClock,
): Promise<Change> {
  const id = change.id ?? ''
  return settled(
    await waitUntil(
      () => api.call(routes.changes.info, { params: { app, change: id } }),
      (seen) => seen.state !== 'pending',
      waiting,
      (seconds) =>
        new Failure(`The change still waits after ${seconds} s.`, {
          next: `It goes on by itself. Look with \`mortise changes:info ${id} -a ${app}\`.`,
        }),
      clock,
    ),
  )
}

/** @throws Failure in the server's words when nothing came of it */
export function settled(change: Change): Change {
  if (change.state !== 'failed') return change
  throw new Failure(`${plainText(change.message ?? 'It was given up.')} Nothing of this change was made.`)
}
