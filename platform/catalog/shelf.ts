import type { Region } from '@mortise/contract/platform-api/apps'
import type { Plan as WirePlan, AddonService as WireService } from '@mortise/contract/platform-api/catalog'
import { findAccount } from '../accounts/store.js'
import type { Db } from '../db/db.js'
import { lastPassed } from './inspection-store.js'
import { type Installation, isListed, maySee, type Passes } from './installable.js'
import { passesOf } from './pass-store.js'
import type { Service } from './service.js'
import { catalogStamp, findService, listPlans, listServices, offers } from './store.js'
import { listedView, planView } from './view.js'

export type Viewer = { id: string; isOperator: boolean } | null

/** What the marketplace shows to somebody (null: to everybody), in the API's words. */
export interface Shelf {
  services(viewer: Viewer): Promise<WireService[]>
  service(identity: string, viewer: Viewer): Promise<WireService | undefined>
  /** Undefined when there is no such service for this viewer. */
  plans(identity: string, viewer: Viewer): Promise<WirePlan[] | undefined>
  /** Another text whenever one of the answers above may have become another. */
  stamp(): Promise<string>
}

interface ShelfDeps {
  db: Db
  installation: Installation
  regions: readonly Region[]
}

/** The one place where the catalog is read for customers: by the API's routes, and for the marketplace's first paint. */
export function createShelf({ db, installation, regions }: ShelfDeps): Shelf {
  async function seen(identity: string, viewer: Viewer): Promise<{ service: Service; passes: Passes } | undefined> {
    const [service, passes] = await Promise.all([findService(db, identity), passesOf(db, viewer?.id)])
    return service && maySee(service, viewer, installation, passes) ? { service, passes } : undefined
  }
  return {
    // Four questions, however many services there are.
    async services(viewer) {
      const [all, passed, offered, passes] = await Promise.all([
        listServices(db),
        lastPassed(db),
        offers(db),
        passesOf(db, viewer?.id),
      ])
      return all
        .filter((one) => maySee(one, viewer, installation, passes))
        .map((one) => listedView(one, { passed: passed.get(one.id) ?? null, offer: offered.get(one.id), regions }))
    },
    async service(identity, viewer) {
      const one = (await seen(identity, viewer))?.service
      if (!one) return undefined
      const passed = (await lastPassed(db, one.id)).get(one.id) ?? null
      const offer = (await offers(db, one.id)).get(one.id)
      const provider = (await findAccount(db, one.ownerId))?.name
      return {
        ...listedView(one, { passed, offer, regions }),
        provider: provider ? { name: provider } : null,
        options: one.manifest.options ?? null,
      }
    },
    async plans(identity, viewer) {
      const found = await seen(identity, viewer)
      if (!found) return undefined
      const { service, passes } = found
      const plans = await listPlans(db, service.id)
      return plans.filter((plan) => isListed(plan, service, viewer, installation, passes)).map(planView)
    },
    stamp: () => catalogStamp(db),
  }
}
