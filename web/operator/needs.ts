import type { Pulse } from '@mortise/contract/platform-api/pulse'

export interface Need {
  says: string
  /** What to do about it. */
  todo: string
  to: '/operator' | '/operator/ledger' | '/operator/providers' | '/operator/workers'
}

const many = (count: number, one: string, several: string) => `${count} ${count === 1 ? one : several}`

/** What needs the operator, the worst first; empty when all is well. */
export function needsOf({ needs_you: needs, overdue_since: overdue }: Pulse, now: number): Need[] {
  const list: Need[] = []
  if (overdue !== null) {
    const minutes = Math.max(1, Math.round((now - Date.parse(overdue)) / 60_000))
    list.push({
      says: `Work has been due for ${many(minutes, 'minute', 'minutes')} and nobody takes it up`,
      todo: 'See whether a process that works in the background is alive; start one if not.',
      to: '/operator/workers',
    })
  }
  if (needs.stuck_operations > 0)
    list.push({
      says: `${many(needs.stuck_operations, 'operation is', 'operations are')} stuck`,
      todo: 'Read the story, mend what it names, and retry or settle it.',
      to: '/operator',
    })
  if (needs.stuck_ledger_entries > 0)
    list.push({
      says: `${many(needs.stuck_ledger_entries, 'resource', 'resources')} could not be removed`,
      todo: 'Ask again, adopt it, or forget it with a reason.',
      to: '/operator/ledger',
    })
  if (needs.discrepancies > 0)
    list.push({
      says: `${many(needs.discrepancies, 'resource differs', 'resources differ')} from what a provider lists`,
      todo: 'Adopt what is ours, forget what is not.',
      to: '/operator/ledger',
    })
  if (needs.open_circuits > 0)
    list.push({
      says: `Nothing is sent to ${many(needs.open_circuits, 'provider', 'providers')} at the moment`,
      todo: 'It is asked again by itself; tell its owner if it lasts.',
      to: '/operator/providers',
    })
  if (needs.silent_processes > 0)
    list.push({
      says: `${many(needs.silent_processes, 'process is', 'processes are')} silent`,
      todo: 'Others took its work over. Start it again, or let it be if it was ended on purpose.',
      to: '/operator/workers',
    })
  return list
}
