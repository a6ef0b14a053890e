import type { Db } from '../db/db.js'
import type { OutboundAnswer } from '../http/outbound.js'
import type { Secrets } from '../secrets/seal.js'
import { later, type World } from '../world/world.js'
import * as store from './kept-answer-store.js'

/** Bytes of it that are kept: enough for an error page or a stack trace. */
export const answerKeptBytesMax = 16 * 1024
/** The newest of one question that are kept. */
export const answersKeptMax = 5

/** Classes of the table of answers that somebody may have to look into. */
const unclear = new Set(['doubt', 'defective', 'not yet'])

export const keptContext = (id: string) => `kept_answers:${id}:1`

/** Keeps the body of an answer that was not clear, sealed. Safe to repeat. */
export async function keepAnswer(
  db: Db,
  deps: { secrets: Secrets; world: World; patience: { answerKeptMs: number } },
  to: { questionId: string; number: number; class: string },
  answer: OutboundAnswer,
): Promise<void> {
  if (answer.got !== 'answer' || answer.body === '' || !unclear.has(to.class)) return
  const id = deps.world.id()
  const at = deps.world.now()
  const bytes = Buffer.from(answer.body, 'utf8')
  const text = bytes.subarray(0, answerKeptBytesMax).toString('utf8')
  await store.insertKept(db, {
    ...to,
    id,
    sealed: deps.secrets.seal(text, keptContext(id)),
    cut: answer.cut || bytes.length > answerKeptBytesMax,
    until: later(at, deps.patience.answerKeptMs),
    at,
  })
  if (to.number > answersKeptMax) await store.dropKeptBefore(db, to.questionId, answersKeptMax)
}
