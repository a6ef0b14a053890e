import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { type PlanPass, passesMax } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { isEmail, isTeamEmail } from '../accounts/account.js'
import { type Db, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import type { World } from '../world/world.js'
import { serviceOf } from './guard.js'
import { countPasses, deletePass, findPass, insertPass, listPasses, type PassRow } from './pass-store.js'
import { findPlanOf, lockService } from './store.js'

/** Whom a provider lets in before others. Whether an e-mail has an account is none of the provider's business. */
export function passRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  return [
    handle(routes.providerPortal.passes, async ({ subjects }) =>
      (await listPasses(db, serviceOf(subjects).id)).map(passView),
    ),
    handle(routes.providerPortal.givePass, async (context) => {
      const { subjects, body, actor } = context
      const service = serviceOf(subjects)
      const email = body.email.trim()
      if (!isEmail(email) || isTeamEmail(email)) {
        throw invalid(`"${email}" is no e-mail address that a person can have.`)
      }
      const plan = body.plan ? await findPlanOf(db, service.id, body.plan) : null
      if (plan === undefined) {
        throw invalid(`${service.name} has no plan "${body.plan}". See them with addons:plans ${service.name}.`)
      }
      const pass = { id: world.id(), serviceId: service.id, planId: plan?.id ?? null, email, at: world.now() }
      return transact(db, async (tx) => {
        await lockService(tx, service.name)
        const there = await findPass(tx, pass)
        if (there) {
          context.status(200)
          return passView(there)
        }
        if ((await countPasses(tx, service.id)) >= passesMax) {
          throw invalid(`${service.name} has ${passesMax} passes, which is the limit. Withdraw some, or ask for beta.`)
        }
        await insertPass(tx, pass)
        await appendEvent(tx, {
          ...{ id: world.id(), at: pass.at, actor, action: 'create', resource: 'plan-pass', subject: service.id },
          ...{ appId: null, data: { service: service.name, plan: plan?.fullName ?? null, email } },
        })
        return passView({ id: pass.id, email, plan: plan && { id: plan.id, name: plan.fullName }, createdAt: pass.at })
      })
    }),
    handle(routes.providerPortal.withdrawPass, async ({ subjects, params, actor }) => {
      const service = serviceOf(subjects)
      return transact(db, async (tx) => {
        const pass = isUuid(params.pass) ? await deletePass(tx, service.id, params.pass) : undefined
        if (!pass) throw notFound('plan_pass')
        await appendEvent(tx, {
          ...{ id: world.id(), at: world.now(), actor, action: 'destroy', resource: 'plan-pass', subject: service.id },
          ...{ appId: null, data: { service: service.name, plan: pass.plan?.name ?? null, email: pass.email } },
        })
        return passView(pass)
      })
    }),
  ]
}

function passView({ id, email, plan, createdAt }: PassRow): PlanPass {
  return { created_at: timestamp(createdAt), email, id, plan }
}
