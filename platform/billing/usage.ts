import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { AddonUsage } from '@mortise/contract/platform-api/vendor'
import { appIn } from '../apps/routes.js'
import { listAppsOfOwner } from '../apps/store.js'
import { serviceOf } from '../catalog/guard.js'
import { type Db, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { teamIn } from '../teams/subject.js'
import type { World } from '../world/world.js'
import { insertUsage, type Meter, meterable, metersOf } from './usage-store.js'

/** Reports of an hour may come so much later; what is older is settled. */
export const usageDaysMax = 31
const hourMs = 3_600_000
/** A provider's clock may be ahead of ours. */
const skewMs = 300_000
const quantityMax = 1e15

type Report = Context<typeof routes.usage.report>

/** What metered add-ons used: told by their providers hour by hour, and read by those who pay. */
export function usageRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  const monthBegan = () => {
    const now = world.now()
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
  }
  const ofApp = async ({ subjects }: Pick<Context, 'subjects'>) => ({
    addons: byAddon(await metersOf(db, [appIn(subjects).id], monthBegan())),
  })

  return [
    handle(routes.usage.report, (context) => report(db, world, context)),
    handle(routes.usage.ofApp, ofApp),
    handle(routes.usage.ofTeamApp, async (context) => {
      const app = appIn(context.subjects)
      const { team } = context.params
      if (app.teamId === null || ![app.teamId, app.teamName].includes(team)) throw notFound('app')
      return ofApp(context)
    }),
    handle(routes.usage.ofTeam, async ({ subjects, asker }) => {
      const viewer = asker.sudo ? null : (asker.account?.id ?? null)
      const apps = await listAppsOfOwner(db, teamIn(subjects).team.accountId, viewer)
      const meters = await metersOf(
        db,
        apps.map(({ id }) => id),
        monthBegan(),
      )
      return {
        apps: apps
          .map(({ id, name }) => ({ id, name, addons: byAddon(meters.filter(({ appId }) => appId === id)) }))
          .filter(({ addons }) => addons.length > 0),
      }
    }),
  ]
}

async function report(db: Db, world: World, { subjects, body }: Report) {
  const service = serviceOf(subjects)
  const hour = hourOf(body.timestamp, world.now())
  const lines = body.usages.map((line) => ({ line, id: world.id(), addonId: line.resource.id.toLowerCase() }))
  const known = await meterable(db, service.id, lines.map(({ addonId }) => addonId).filter(isUuid), hour)
  const problemOf = ({ line, addonId }: (typeof lines)[number]): Record<string, string[]> | null => {
    if (!known.has(addonId)) return { resource: [`is no add-on of ${service.name} that was there in that hour`] }
    if (line.quantity < 0 || line.quantity > quantityMax) return { quantity: ['must be between 0 and 10^15'] }
    return null
  }
  const good = lines.filter((one) => problemOf(one) === null)
  const batchId = world.id()
  const made = await transact(db, (tx) =>
    insertUsage(tx, {
      id: batchId,
      hour,
      at: world.now(),
      lines: good.map(({ line, id, addonId }) => ({ id, addonId, unit: line.unit.name, quantity: line.quantity })),
    }),
  )
  return {
    id: batchId,
    timestamp: timestamp(hour),
    usages: lines.map((one) => {
      const { quantity, resource, unit } = one.line
      const said = { quantity, resource: { id: resource.id }, unit: { name: unit.name }, id: one.id }
      if (made.has(one.id)) return { ...said, status: 'accepted' as const }
      const twice = { unit: ['was reported before for this add-on and hour; the first report counts'] }
      return { ...said, status: 'rejected' as const, errors: problemOf(one) ?? twice }
    }),
  }
}

/** @throws WireError 422 for what is no full hour that is over and not settled */
function hourOf(text: string, now: Date): Date {
  const at = new Date(text)
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(at.getTime()) || at.getTime() % hourMs !== 0) {
    throw invalid('"timestamp" is the beginning of a full hour, like 2026-11-25T14:00:00Z.')
  }
  if (at.getTime() + hourMs > now.getTime() + skewMs) throw invalid('That hour is not over yet. Report it when it is.')
  if (at.getTime() < now.getTime() - usageDaysMax * 86_400_000) {
    throw invalid(`That hour is more than ${usageDaysMax} days ago and settled.`)
  }
  return at
}

function byAddon(meters: readonly Meter[]): AddonUsage[] {
  const found = new Map<string, AddonUsage>()
  for (const { addonId, unit, quantity } of meters) {
    const addon = found.get(addonId) ?? { id: addonId, meters: {} }
    addon.meters[unit] = { quantity }
    found.set(addonId, addon)
  }
  return [...found.values()]
}
