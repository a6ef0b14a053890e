import type { LedgerEntry, Operation } from '@mortise/contract/platform-api/operations'
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
