import type { Activity } from '@mortise/contract/platform-api/activity'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type ActivityQuestion, listActivity } from '../events/activity-store.js'
import type { RecordedEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import { pageSizeMax, readRange } from '../http/range.js'
import { accountOf } from './self.js'

/** What happened to one's own account: who signed in to it, which tokens were made, what others did with it. */
export function accountActivityRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.activity.listOfAccount, async ({ asker, query, request }) => {
      const accountId = (await accountOf(db, asker)).id
      const found = await activityPage(db, request.headers.range, { appId: null, accountId, ...activityWords(query) })
      return found.map(activityView)
    }),
  ]
}

/** A trail may be long, so the database cuts the page; one row more tells that there is a next one. */
export function activityPage(
  db: Db,
  header: string | undefined,
  asked: Omit<ActivityQuestion, 'from' | 'to' | 'descending' | 'most'>,
) {
  const range = readRange(header, ['seq', 'id'])
  const isBySeq = range.field === 'seq'
  const [low, high] = range.descending ? [range.end, range.start] : [range.start, range.end]
  return listActivity(db, {
    ...asked,
    from: isBySeq ? seqOf(low) : null,
    to: isBySeq ? seqOf(high) : null,
    descending: range.descending,
    // Both bounds may be shut out of the page.
    most: isBySeq ? range.max + 3 : pageSizeMax,
  })
}

export const activityWords = (query: { 'eq[action]'?: string; 'eq[actor]'?: string; 'eq[resource]'?: string }) => ({
  action: query['eq[action]'],
  actor: query['eq[actor]'],
  resource: query['eq[resource]'],
})

const seqOf = (bound: string | null): number | null =>
  bound !== null && /^\d{1,15}$/.test(bound) ? Number(bound) : null

export function activityView(event: RecordedEvent): Activity {
  const { seq, id, at, actor, action, resource, subject, data, previousData } = event
  // A certificate is long and says nothing to people.
  const { certificate_chain: _, ...facts } = data as Record<string, unknown>
  const name = ['name', 'hostname', 'type', 'email'].map((key) => facts[key]).find((one) => typeof one === 'string')
  return {
    action: action as Activity['action'],
    actor: { id: actor.id, email: actor.email },
    created_at: timestamp(at),
    data: facts,
    id,
    previous_data: previousData as Record<string, unknown>,
    resource,
    seq: Number(seq),
    subject: { id: subject, name: (name as string | undefined) ?? null },
  }
}
