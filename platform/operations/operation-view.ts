import { operationVerbs, type Operation as WireOperation } from '@mortise/contract/platform-api/operations'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { logOfSeveral } from '../saga/store.js'
import { attemptsOf, type Known } from './operation-store.js'
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

/** Operations told whole. Two questions to the database, however many they are: pages ask again at each change. */
export async function operationsWithStories(
  db: Db,
  all: readonly Known[],
  listener: Listener,
): Promise<WireOperation[]> {
  const ids = all.map(({ id }) => id)
  const [log, attempts] = await Promise.all([logOfSeveral(db, ids), attemptsOf(db, ids)])
  return all.map((it) => {
    const isOf = ({ operationId }: { operationId: string }) => operationId === it.id
    return { ...operationView(it, listener), story: tellStory(it, log.filter(isOf), attempts.filter(isOf), listener) }
  })
}

export async function operationWithStory(db: Db, it: Known, listener: Listener): Promise<WireOperation> {
  const [told] = await operationsWithStories(db, [it], listener)
  if (!told) throw new Error('one was asked for')
  return told
}

function waitsOf(it: Known): WireOperation['waits'] {
  if (it.endedAt) return null
  if (it.state === 'stuck') return { for: 'the operator', until: null }
  if (it.state === 'parked') return { for: it.service?.name ?? 'the provider', until: timestamp(it.nextAt) }
  if (it.state === 'waiting' || !it.isHeld) return { for: 'the next try', until: timestamp(it.nextAt) }
  return null
}
