import { notFound } from '@mortise/contract/errors'
import type { KeptAnswer } from '@mortise/contract/platform-api/operations'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import type { LifecycleDeps } from '../lifecycle/deps.js'
import { keptContext } from '../partner/kept-answer.js'
import { type Kept, listKept } from '../partner/kept-answer-store.js'
import type { Actor } from '../saga/saga.js'
import { findEntry } from './ledger-store.js'

/** What one add-on's provider said that was not clear. That somebody read it is on record before they do. */
export async function readKept(deps: LifecycleDeps, identity: string, actor: Actor): Promise<KeptAnswer[]> {
  const entry = await findEntry(deps.db, identity)
  if (!entry) throw notFound('add_on')
  const at = deps.world.now()
  const kept = await listKept(deps.db, entry.addon.id, at)
  if (kept.length > 0)
    await transact(deps.db, (tx) =>
      appendEvent(tx, {
        id: deps.world.id(),
        at,
        actor,
        action: 'update',
        resource: 'ledger',
        subject: entry.addon.id,
        appId: entry.app?.id ?? null,
        data: { verb: 'read answers', addon: entry.addon.name, service: entry.service.name, answers: kept.length },
      }),
    )
  return kept.map((one) => keptView(one, deps.secrets.open(one.sealed, keptContext(one.id))))
}

function keptView(kept: Kept, body: string): KeptAnswer {
  return {
    answered_at: timestamp(kept.answeredAt),
    attempt: kept.number,
    body,
    class: kept.class,
    cut: kept.cut,
    id: kept.id,
    kept_until: timestamp(kept.keptUntil),
    question: kept.kind,
    status: kept.status,
  }
}
