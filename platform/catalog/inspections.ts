import { invalid } from '@mortise/contract/errors'
import { plainText } from '@mortise/contract/manifest/plain-text'
import type { InspectedCheck, Inspection } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { type Db, transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { World } from '../world/world.js'
import { serviceOf } from './guard.js'
import { type InspectionRow, insertInspection, lastPassed, listInspections } from './inspection-store.js'
import { listServices } from './store.js'
import { serviceView } from './view.js'

/** A provider's own services, and what `mortise inspect --report` found of them. */
export function inspectionRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  return [
    handle(routes.providerPortal.services, async ({ actor }) => {
      const passed = await lastPassed(db)
      const own = (await listServices(db)).filter(({ ownerId }) => ownerId === actor.id)
      return own.map((service) => serviceView(service, passed.get(service.id) ?? null))
    }),
    handle(routes.providerPortal.inspections, async ({ subjects }) =>
      (await listInspections(db, serviceOf(subjects).id)).map(inspectionView),
    ),
    handle(routes.providerPortal.report, async ({ subjects, body, actor }) => {
      const service = serviceOf(subjects)
      const checks = body.checks.map(plain)
      if (new Set(checks.map(({ id }) => id)).size !== checks.length) throw invalid('"checks" names a check twice.')
      const count = (status: string) => checks.filter((check) => check.status === status).length
      const counts = { passed: count('pass'), failed: count('fail'), warned: count('warn') }
      // A report in which nothing was asked is no inspection.
      if (counts.passed + counts.failed === 0) throw invalid('Every check of this report was skipped.')
      const { id: serviceId, manifestId } = service
      return transact(db, async (tx) =>
        inspectionView(
          await insertInspection(tx, {
            ...{ id: world.id(), serviceId, manifestId, accountId: actor.id, checks, at: world.now() },
            ...counts,
          }),
        ),
      )
    }),
  ]
}

/** Whoever wrote the provider wrote these words. */
function plain(check: InspectedCheck): InspectedCheck {
  const { advice, id, reason, status, title } = check
  return {
    advice: plainText(advice),
    id: plainText(id, 100),
    reason: plainText(reason, 4_000),
    status,
    title: plainText(title, 400),
  }
}

function inspectionView({ id, checks, createdAt, failed, passed, revision, warned }: InspectionRow): Inspection {
  return { checks, created_at: timestamp(createdAt), failed, id, manifest_revision: revision, passed, warned }
}
