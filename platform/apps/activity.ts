import { invalid, notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { activityPage, activityView, activityWords } from '../accounts/activity.js'
import { findOwner } from '../accounts/quota-store.js'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { appsByIds, findApp } from './store.js'
import { appIn } from './subject.js'

/** The audit trail of an app, for those who work on it, and of the whole installation. */
export function activityRoutes({ db }: { db: Db }): Handler[] {
  return [
    handle(routes.activity.listOfApp, async ({ subjects, query, request }) => {
      const asked = { appId: appIn(subjects).id, ...activityWords(query) }
      return (await activityPage(db, request.headers.range, asked)).map(activityView)
    }),
    handle(routes.activity.list, async ({ query, request }) => {
      const named = query['eq[app]']
      const app = named ? await findApp(db, named) : undefined
      if (named && !app) throw notFound('app')
      const whose = query['eq[account]']
      const account = whose ? await findOwner(db, whose) : undefined
      if (whose && !account) throw notFound('account')
      const found = await activityPage(db, request.headers.range, {
        appId: app?.id ?? null,
        ...(account ? { accountId: account.id } : {}),
        since: timeOf('ge[created_at]', query['ge[created_at]']),
        until: timeOf('le[created_at]', query['le[created_at]']),
        ...activityWords(query),
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

function timeOf(name: string, text: string | undefined): Date | null {
  if (!text) return null
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw invalid(`"${name}" is no time: write it as 2026-11-26T09:30:00Z.`)
  return at
}
