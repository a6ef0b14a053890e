import { type LedgerEntry, ledgerVerbs } from '@mortise/contract/platform-api/operations'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Entry } from './ledger-store.js'
import { refusalOf } from './ledger-verbs.js'

export function ledgerView(entry: Entry): LedgerEntry {
  const { lastAnswer } = entry
  const time = (at: Date | null) => at && timestamp(at)
  return {
    addon: entry.addon,
    addon_service: entry.service,
    addon_state: entry.addonState,
    app: entry.app,
    attempts: entry.tries,
    created_at: timestamp(entry.createdAt),
    doubtful: entry.wasDoubtful,
    forgotten_at: time(entry.forgottenAt),
    id: entry.addon.id,
    last_answer: lastAnswer && {
      at: timestamp(new Date(lastAnswer.at)),
      class: lastAnswer.class,
      note: lastAnswer.note,
      status: lastAnswer.status,
    },
    next_try_at: time(entry.nextAt),
    owed_at: time(entry.owedAt),
    provider_id: entry.providerId,
    reason: entry.reason,
    state: entry.state,
    updated_at: timestamp(entry.updatedAt),
    verbs: ledgerVerbs.filter((verb) => refusalOf(verb, entry) === null),
  }
}
