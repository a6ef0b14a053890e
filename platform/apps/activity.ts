import { invalid, notFound } from '@mortise/contract/errors'
import type { Activity } from '@mortise/contract/platform-api/activity'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { Db } from '../db/db.js'
import { type ActivityQuestion, listActivity } from '../events/activity-store.js'
import type { RecordedEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import { pageSizeMax, readRange } from '../http/range.js'
import { appsByIds, findApp } from './store.js'
import { appIn } from './subject.js'

/** The audit trail of an app, for those who work on it. */
export function activityRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.activity.listOfApp, async ({ subjects, query, request }) =>
      (await pageOf(db, request.headers.range, { appId: appIn(subjects).id, ...wordsOf(query) })).map((one) =>
        activityView(one),
      ),
    ),
    handle(routes.activity.list, async ({ query, request }) => {
      const named = query['eq[app]']
      const app = named ? await findApp(db, named) : undefined
      if (named && !app) throw notFound('app')
      const found = await pageOf(db, request.headers.range, {
        appId: app?.id ?? null,
        since: timeOf('ge[created_at]', query['ge[created_at]']),
        until: timeOf('le[created_at]', query['le[created_at]']),
        ...wordsOf(query),
      })
      const apps = await appsByIds(db, [...new Set(found.flatMap((one) => one.appId ?? []))])
      const names = new Map(apps.map((one) => [one.id, one.name]))
      return found.map((one) => {
        const name = one.appId && names.get(one.appId)
        return { ...activityView(one), app: one.appId && name ? { id: one.appId, name } : null }
      })
    }),
  ]
}

/** A trail may be long, so the database cuts the page; one row more tells that there is a next one. */
function pageOf(
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

const wordsOf = (query: { 'eq[action]'?: string; 'eq[actor]'?: string; 'eq[resource]'?: string }) => ({
  action: query['eq[action]'],
  actor: query['eq[actor]'],
  resource: query['eq[resource]'],
})

function timeOf(name: string, text: string | undefined): Date | null {
  if (!text) return null
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw invalid(`"${name}" is no time: write it as 2026-11-26T09:30:00Z.`)
  return at
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
