import type { Change } from '@mortise/contract/platform-api/changes'
import type { App } from '../apps/app.js'
import { findApp } from '../apps/store.js'
import type { Attachment } from '../attachments/attachment.js'
import { configNamesOf, listAttachmentsOfApp } from '../attachments/store.js'
import { rehearse, type Tx } from '../db/db.js'
import { varsOf } from '../releases/environment.js'
import type { Actor, Saga } from '../saga/saga.js'
import { type Applied, applyParts, type ChangeOrder, leavingWith } from './change-set.js'
import { provisionParams } from './create-addon.js'
import type { LifecycleDeps } from './deps.js'
import type { ProvisionParams } from './provision.js'

/** What a change does, by names, as its customer is told before it happens. Holds no value of a config var. */
export type Preview = Pick<
  Change,
  'add_ons' | 'attachments' | 'detached' | 'config_vars' | 'description' | 'overwrites' | 'price'
>

/** An add-on that a change creates, with the id that its operation will have. */
export interface Creation {
  operationId: string
  params: ProvisionParams
}

/**
 * Does all of it and takes it back: what stands in the way of a change is found by the very code that makes it, and
 * what would come of it is read from what came. The caller holds the app's lock.
 * @throws WireError whatever the change itself would meet, but the question for confirmation
 */
export async function rehearseChange(
  tx: Tx,
  deps: LifecycleDeps,
  provision: Saga<ProvisionParams>,
  { app, actor, order }: { app: App; actor: Actor; order: ChangeOrder },
): Promise<{ preview: Preview; creations: Creation[] }> {
  const before = await ownersOf(tx, deps, app)
  return rehearse(tx, async () => {
    const creations: Creation[] = []
    const overwrites: string[] = []
    for (const one of order.create) {
      const { params, chosen } = await provisionParams(tx, deps, {
        ...one,
        app,
        confirm: app.name,
        leaving: leavingWith(order),
      })
      const operationId = deps.world.id()
      await deps
        .engine()
        .begin(tx, provision, { id: operationId, subject: params.addonId, appId: app.id, actor, params })
      creations.push({ operationId, params })
      overwrites.push(...chosen.overwrites)
    }
    const created = creations.map(({ operationId, params }) => ({ id: operationId, params, actor }))
    const applied = await applyParts(tx, deps, order, { appId: app.id, actor, created })
    const after = await ownersOf(tx, deps, (await findApp(tx, app.id)) ?? app)
    for (const { params } of creations) {
      for (const name of Object.values(params.attachment.configNames)) after.set(name, params.attachment.id)
    }
    const names = await configNamesOf(tx, applied.attached)
    return {
      creations,
      preview: {
        add_ons: creations.map(({ params }, index) => addonOf(params, order.create[index])),
        attachments: applied.attached.map((one) => ({ ...namedOf(one), config_vars: names.get(one.id) ?? [] })),
        detached: applied.detached.map(namedOf),
        config_vars: differences(before, after),
        description: applied.description,
        overwrites: [...overwrites, ...applied.overwrites],
        price: { cents: monthly(order.create), unit: 'month' as const },
      },
    }
  })
}

const namedOf = (one: Applied['attached'][number]) => ({
  name: one.name,
  addon: { id: one.addonId, name: one.addonName },
})

function addonOf(
  params: ProvisionParams,
  ordered: ChangeOrder['create'][number] | undefined,
): Preview['add_ons'][number] {
  const { cents = 0, contract = false, unit = 'month' } = ordered?.plan ?? {}
  return {
    id: params.addonId,
    name: params.name,
    plan: params.planName,
    price: { cents, contract, unit },
    attachment: params.attachment.name,
    config_vars: Object.values(params.attachment.configNames).sort(),
  }
}

/** All prices are by the month. Those of a contract are agreed on elsewhere, metered ones depend on use. */
function monthly(create: ChangeOrder['create']): number {
  return create.filter(({ plan }) => !plan.contract && !plan.metered).reduce((sum, { plan }) => sum + plan.cents, 0)
}

/** Whose each config var is: an attachment's id, or the customer's with its value. It stays in memory. */
async function ownersOf(tx: Tx, deps: LifecycleDeps, app: App): Promise<Map<string, string>> {
  const own = Object.entries(await varsOf(tx, deps.secrets, app.snapshotId))
  const attachments: Attachment[] = await listAttachmentsOfApp(tx, app.id)
  const names = await configNamesOf(tx, attachments)
  return new Map([
    ...own.map(([name, value]): [string, string] => [name, `=${value}`]),
    ...[...names].flatMap(([id, all]) => all.map((name): [string, string] => [name, id])),
  ])
}

function differences(before: Map<string, string>, after: Map<string, string>): Preview['config_vars'] {
  const [was, is] = [[...before.keys()].sort(), [...after.keys()].sort()]
  return {
    added: is.filter((name) => !before.has(name)),
    changed: is.filter((name) => before.has(name) && before.get(name) !== after.get(name)),
    removed: was.filter((name) => !after.has(name)),
  }
}
