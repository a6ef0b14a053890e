import type { Discrepancy } from '@mortise/contract/platform-api/discrepancies'
import type { LedgerEntry, Operation } from '@mortise/contract/platform-api/operations'
import type { ProviderHealth } from '@mortise/contract/platform-api/providers'
import type { Shown } from '../dashboard/progress.js'

const kinds: Record<string, string> = {
  'addon.provision': 'Create',
  'addon.provision-together': 'Create',
  'addon.change-plan': 'Change the plan of',
  'addon.deprovision': 'Remove',
  'app.destroy': 'Destroy the app',
  'app.change': 'Change the app',
}

/** What a story is about, in a line: `Create fast-db-curved-12345`. */
export function titleOf({ kind, addon, app }: Pick<Operation, 'kind' | 'addon' | 'app'>): string {
  const verb = kinds[kind] ?? kind
  const what = kind.startsWith('app.') ? app?.name : (addon?.name ?? app?.name)
  return what ? `${verb} ${what}` : verb
}

export const operationShown: Record<Operation['state'], Shown> = {
  running: { word: 'Running', tone: 'busy' },
  waiting: { word: 'Waiting', tone: 'busy' },
  parked: { word: 'Parked', tone: 'neutral' },
  unwinding: { word: 'Being taken back', tone: 'warn' },
  stuck: { word: 'Stuck', tone: 'bad' },
  done: { word: 'Done', tone: 'good' },
  unwound: { word: 'Taken back', tone: 'neutral' },
}

export const ledgerShown: Record<LedgerEntry['state'], Shown> = {
  asked: { word: 'Asked', tone: 'busy' },
  held: { word: 'Held', tone: 'good' },
  owed: { word: 'To be removed', tone: 'busy' },
  watching: { word: 'Watched', tone: 'neutral' },
  stuck: { word: 'Stuck', tone: 'bad' },
  clear: { word: 'Gone', tone: 'neutral' },
}

/** What a state of the ledger means, for the line under the list. */
export const ledgerMeaning: Record<LedgerEntry['state'], string> = {
  asked: 'The provider was asked for it and has not answered yet.',
  held: 'It is there, and an add-on of ours uses it.',
  owed: 'Nobody uses it any more; the provider is asked to remove it until it says that it is gone.',
  watching: 'It is said to be gone. It was once in doubt, so the provider is asked again later.',
  stuck: 'It may be there, and asking did not help. It needs you.',
  clear: 'It is known to be gone, or was never made.',
}

export const discrepancyShown: Record<Discrepancy['kind'], Shown> = {
  unknown: { word: 'Not asked for', tone: 'warn' },
  gone: { word: 'Gone here', tone: 'warn' },
  missing: { word: 'Not listed', tone: 'bad' },
  twice: { word: 'Listed twice', tone: 'warn' },
}

/** What an operator may do about each kind; see docs/operating/stuck.md. */
export const discrepancyAdvice: Record<Discrepancy['kind'], string> = {
  unknown: 'If it is yours, adopt it, and it is removed there; if it is another platform’s, forget it.',
  gone: 'Where its removal is not asked for again by itself, adopt it, and it is removed there.',
  missing: 'The add-on stays as it is. Ask the provider; if it is lost, its customer removes it and orders another.',
  twice: 'Ask the provider which one is right, and to remove the other.',
}

/** By the add-on's name where there is one, else by what the provider lists it as. */
export function listedAs(it: Pick<Discrepancy, 'addon' | 'resource' | 'provider_id'>): string {
  return it.addon?.name ?? it.resource ?? it.provider_id ?? 'without a name'
}

/** From this part of unclear answers on, a provider whose circuit is still closed is shown as failing. */
const failingRate = 0.1

/** How a provider is, in a word; `order` puts what needs somebody first. */
export function conditionOf(health: ProviderHealth): Shown & { order: number } {
  if (health.circuit.state === 'open') return { word: 'Circuit open', tone: 'bad', order: 0 }
  if (health.stuck > 0) return { word: `${health.stuck} stuck`, tone: 'bad', order: 1 }
  if (health.error_rate !== null && health.error_rate >= failingRate) return { word: 'Failing', tone: 'warn', order: 2 }
  if (health.questions === 0) return { word: 'Quiet', tone: 'neutral', order: 4 }
  return { word: 'Answers', tone: 'good', order: 3 }
}

/** `40 ms · 1.2 s · 25 s`: half, 95 % and 99 % of its answers took no longer. */
export function latencyOf({ latency_ms: latency }: Pick<ProviderHealth, 'latency_ms'>): string {
  if (!latency) return '—'
  return [latency.p50, latency.p95, latency.p99].map(duration).join(' · ')
}

/** `2.5 %`; a dash when nothing was asked. One failure among thousands is not shown as none. */
export function errorRateOf({ error_rate: rate }: Pick<ProviderHealth, 'error_rate'>): string {
  if (rate === null) return '—'
  const percent = rate * 100
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}

function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
}
