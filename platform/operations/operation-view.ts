import { operationVerbs, type Operation as WireOperation } from '@mortise/contract/platform-api/operations'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { operationLog } from '../saga/store.js'
import { attemptsOfOperation, type Known } from './operation-store.js'
import { refusalOf } from './operation-verbs.js'
import { type Listener, tellStory } from './story.js'

export function operationView(it: Known, listener: Listener): WireOperation {
  return {
    actor: { id: it.actor.id, email: it.actor.email },
    addon: it.addon,
    addon_service: it.service,
    app: it.app,
    created_at: timestamp(it.createdAt),
    doubtful: it.isDoubtful,
    ended_at: it.endedAt && timestamp(it.endedAt),
    id: it.id,
    kind: it.saga,
    reason: it.reason,
    state: it.state,
    step: it.step,
    tries: it.tries,
    updated_at: timestamp(it.updatedAt),
    verbs: listener === 'operator' ? operationVerbs.filter((verb) => refusalOf(verb, it) === null) : [],
    waits: waitsOf(it),
  }
}

export async function operationWithStory(db: Db, it: Known, listener: Listener): Promise<WireOperation> {
  const [log, attempts] = await Promise.all([operationLog(db, it.id), attemptsOfOperation(db, it.id)])
  return { ...operationView(it, listener), story: tellStory(it, log, attempts, listener) }
}

function waitsOf(it: Known): WireOperation['waits'] {
  if (it.endedAt) return null
  if (it.state === 'stuck') return { for: 'the operator', until: null }
  if (it.state === 'parked') return { for: it.service?.name ?? 'the provider', until: timestamp(it.nextAt) }
  if (it.state === 'waiting' || !it.isHeld) return { for: 'the next try', until: timestamp(it.nextAt) }
  return null
}
