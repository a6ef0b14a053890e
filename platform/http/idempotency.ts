import { createHash } from 'node:crypto'
import { WireError } from '@mortise/contract/errors'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { later, type World } from '../world/world.js'
import * as store from './idempotency-store.js'

/** Hours an answer is kept for whoever asks again with the same key. */
export const idempotencyHoursMax = 24
/** Longer than any request of ours takes; afterwards a request without an answer counts as broken off. */
const leaseMs = 2 * 60_000
const keyCharsMax = 255

export interface KeyedRequest {
  key: string
  /** The account, or the add-on whose grant asks. */
  ownerId: string
  /** With its parameters: a key is good for one address. */
  address: string
  body: unknown
}

export interface KeptAnswer {
  status: number
  body: unknown
  isReplay: boolean
}

/**
 * Runs a POST once for each Idempotency-Key: a repeat within 24 hours is given the first one's answer, a refusal too.
 * When it is not known whether the first took effect (a fault of ours, a crash) a repeat is told so and never run.
 * @throws WireError 422 for the same key with another body, 409 while the first is under way or when it broke off
 */
export type Once = (request: KeyedRequest, run: () => Promise<{ status: number; body: unknown }>) => Promise<KeptAnswer>

/** Refusals after which nothing has happened and the same request may well succeed: the key is free again. */
const passing = new Set([401, 403, 404, 409, 423, 429, 503])

export function createOnce(deps: { db: Db; world: World; secrets: Secrets }): Once {
  const { db, world, secrets } = deps
  const contextOf = (id: string) => `idempotency_keys:${id}:1`

  return async ({ key, ownerId, address, body }, run) => {
    if (!/^[\x21-\x7e]+$/.test(key) || key.length > keyCharsMax) {
      throw new WireError('bad_request', `An Idempotency-Key has 1 to ${keyCharsMax} visible characters.`)
    }
    const at = world.now()
    const id = world.id()
    const hash = digest(`POST ${address}\n${key}`)
    const bodyHash = digest(JSON.stringify(body ?? null))
    const usedBefore = later(at, -idempotencyHoursMax * 3_600_000)
    if (!(await store.takeKey(db, { ownerId, hash, bodyHash, id, leaseMs, usedBefore, at }))) {
      return replay(await store.findKey(db, ownerId, hash), bodyHash)
    }
    const keep = (status: number, kept: unknown) =>
      store.keepAnswer(db, id, status, secrets.seal(JSON.stringify(kept ?? null), contextOf(id)))
    let answer: { status: number; body: unknown }
    try {
      answer = await run()
    } catch (error) {
      if (!(error instanceof WireError)) await store.breakOff(db, id)
      else if (passing.has(error.status)) await store.freeKey(db, id)
      else await keep(error.status, error.body)
      throw error
    }
    await keep(answer.status, answer.body)
    return { ...answer, isReplay: false }
  }

  function replay(row: store.KeyRow | undefined, bodyHash: Buffer): KeptAnswer {
    if (row && !row.bodyHash.equals(bodyHash)) {
      throw new WireError(
        'invalid_params',
        'This Idempotency-Key was used for another request body. Use a new key for a new request.',
      )
    }
    if (!row || (row.status === null && row.isUnderWay)) {
      throw new WireError('conflict', 'The first request with this Idempotency-Key is still under way. Ask again soon.')
    }
    if (row.status === null || row.sealed === null) {
      throw new WireError(
        'conflict',
        'The first request with this Idempotency-Key broke off. See whether it took effect, then use a new key.',
      )
    }
    return { status: row.status, body: JSON.parse(secrets.open(row.sealed, contextOf(row.id))), isReplay: true }
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
