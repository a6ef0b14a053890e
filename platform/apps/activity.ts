import type { Activity } from '@mortise/contract/platform-api/activity'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { listActivity } from '../events/activity-store.js'
import type { RecordedEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import { pageSizeMax, readRange } from '../http/range.js'
import { appIn } from './subject.js'

/** The audit trail of an app, for those who work on it. */
export function activityRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.activity.listOfApp, async ({ subjects, query, request }) => {
      // A trail may be long, so the database cuts the page; one row more tells that there is a next one.
      const range = readRange(request.headers.range, ['seq', 'id'])
      const isBySeq = range.field === 'seq'
      const [low, high] = range.descending ? [range.end, range.start] : [range.start, range.end]
      const found = await listActivity(db, {
        appId: appIn(subjects).id,
        action: query['eq[action]'],
        actor: query['eq[actor]'],
        resource: query['eq[resource]'],
        from: isBySeq ? seqOf(low) : null,
        to: isBySeq ? seqOf(high) : null,
        descending: range.descending,
        // Both bounds may be shut out of the page.
        most: isBySeq ? range.max + 3 : pageSizeMax,
      })
      return found.map(activityView)
    }),
  ]
}

const seqOf = (bound: string | null): number | null =>
  bound !== null && /^\d{1,15}$/.test(bound) ? Number(bound) : null

function activityView({ seq, id, at, actor, action, resource, subject, data, previousData }: RecordedEvent): Activity {
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
