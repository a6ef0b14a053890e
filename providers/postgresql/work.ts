import type { Seal } from '@mortise/provider/seal'
import {
  type PlanChanged,
  type Provisioned,
  type ProvisionRequest,
  Refused,
  type Resource,
} from '@mortise/provider/serve'
import type { Admin } from './admin.js'
import { dropTenant, findTenant, limitRole, provisionSteps, recordTenant, urlOf } from './databases.js'
import { holdLimits, measure } from './limits.js'
import { planNamed, sizeText } from './plans.js'

/** What provision, plan change and deprovision mean here: a role and a database on one server. */
export function createWork(admin: Admin, seal: Seal) {
  return {
    async provision({ uuid, plan: planName }: ProvisionRequest): Promise<Provisioned> {
      const plan = planNamed(planName)
      const tenant = await recordTenant(admin, seal, uuid, plan)
      for (const step of provisionSteps) await step(admin, tenant, plan)
      return {
        config: { DATABASE_URL: urlOf(admin, tenant) },
        message: `Your database has ${sizeText(plan.sizeBytesMax)} and ${plan.connectionsMax} connections.`,
      }
    },

    async changePlan({ uuid }: Resource, planName: string): Promise<PlanChanged> {
      const plan = planNamed(planName)
      const tenant = await findTenant(admin, seal, uuid)
      const now = await measure(admin, uuid)
      if (!tenant || !now) throw new Error(`The database of ${uuid} is missing.`)
      if (now.sizeBytes > plan.sizeBytesMax) {
        const room = sizeText(plan.sizeBytesMax)
        throw new Refused(
          `The database holds ${sizeText(now.sizeBytes)}; ${planName} has room for ${room}. Delete some data first.`,
        )
      }
      await limitRole(admin.pool, tenant.role, plan)
      await admin.pool.query('update mortise_postgresql.databases set plan = $2 where uuid = $1', [uuid, planName])
      // At once, so that a customer who pays for more room can write right away.
      await holdLimits(admin, uuid)
      return { message: `Now ${sizeText(plan.sizeBytesMax)} and ${plan.connectionsMax} connections.` }
    },

    async deprovision({ uuid }: Resource): Promise<void> {
      const tenant = await findTenant(admin, seal, uuid)
      if (tenant) await dropTenant(admin, tenant)
    },
  }
}
