import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { type Quota, type QuotaName, quotaNames } from '@mortise/contract/platform-api/quotas'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Db, type Tx, transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { World } from '../world/world.js'
import { dropLimit, findOwner, limitsOf, lockQuotas, putLimit, usedBy } from './quota-store.js'
import { accountOf } from './self.js'
import { recordFact } from './trail.js'

/** After so long a build has perhaps ended; what else is counted ends by somebody's hand only. */
const buildRetrySeconds = 30

/** How each is spoken of: one of them, and how somebody makes room. */
const words: Record<QuotaName, readonly [one: string, many: string, room: string]> = {
  apps: ['app', 'apps', 'Destroy one that is not used'],
  'add-ons': ['add-on', 'add-ons', 'Destroy one that is not used'],
  dynos: ['dyno', 'dynos', 'Scale another process down'],
  authorizations: ['authorization', 'authorizations', 'Revoke one that is not used'],
  webhooks: ['webhook', 'webhooks', 'Remove one that is not used'],
  domains: ['domain', 'domains', 'Remove one that is not used'],
  builds: ['build at a time', 'builds at a time', 'Wait until one has ended'],
}

/**
 * Asks in the transaction that makes something whether its owner may have it. Where nobody set a limit nothing is locked.
 * @param more how many are about to be made
 * @param made how many this transaction made already, where only the sum is known in the end
 * @throws WireError 422, for builds 429 with Retry-After: they end by themselves
 */
export async function requireRoom(
  tx: Tx,
  { ownerId, name, at, ...how }: { ownerId: string; name: QuotaName; more?: number; made?: number; at: Date },
): Promise<void> {
  const room = await roomFor(tx, { ownerId, name, at })
  const { made = 0, more = made ? 0 : 1 } = how
  if (room.left >= more) return
  const owner = await findOwner(tx, ownerId)
  const [one, many, makeRoom] = words[name]
  const sentence = `${owner?.name ?? 'The account'} has ${room.used - made} of ${room.most} ${room.most === 1 ? one : many} that it may have. ${makeRoom}, or ask the operator for more.`
  if (name !== 'builds') throw invalid(sentence)
  throw new WireError('rate_limit', sentence, {}, { 'Retry-After': String(buildRetrySeconds) })
}

/** How many more the owner may have; until the transaction ends nobody else gets them. */
export async function roomFor(
  tx: Tx,
  { ownerId, name, at }: { ownerId: string; name: QuotaName; at: Date },
): Promise<{ left: number; used: number; most: number }> {
  const most = (await limitsOf(tx, ownerId)).find((limit) => limit.name === name)?.most ?? null
  if (most === null) return { left: Number.POSITIVE_INFINITY, used: 0, most: Number.POSITIVE_INFINITY }
  await lockQuotas(tx, ownerId)
  const used = await usedBy(tx, ownerId, name, at)
  return { left: most - used, used, most }
}

/** What the operator said of one account, for the trail. */
function limitWord(own: { most: number | null } | undefined): string | number {
  return own ? (own.most ?? 'no limit') : 'as everybody'
}

/** Limits of accounts: each sees its own, the operator sees and sets everybody's. */
export function quotaRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  async function view(accountId: string): Promise<Quota[]> {
    const limits = await limitsOf(db, accountId)
    const all: Quota[] = []
    for (const name of quotaNames) {
      const limit = limits.find((one) => one.name === name)
      const used = await usedBy(db, accountId, name, world.now())
      all.push({ name, limit: limit?.most ?? null, used, is_own: limit?.isOwn ?? false })
    }
    return all
  }

  async function meant(identity: string): Promise<{ id: string; name: string }> {
    const owner = await findOwner(db, identity)
    if (!owner) throw notFound('account')
    return owner
  }

  return [
    handle(routes.quotas.own, async ({ asker }) => view((await accountOf(db, asker)).id)),
    handle(routes.quotas.list, async ({ params }) => view((await meant(params.user)).id)),
    handle(routes.quotas.update, async ({ params, body, actor }) => {
      const { id, name: whose } = await meant(params.user)
      const names = new Set(body.updates.map(({ name }) => name))
      if (names.size < body.updates.length) throw invalid('A quota is named twice. Say one limit for each.')
      const at = world.now()
      await transact(db, async (tx) => {
        const said = async () => {
          const own = (await limitsOf(tx, id)).filter(({ isOwn }) => isOwn)
          const find = (name: QuotaName) => own.find((one) => one.name === name)
          return Object.fromEntries(body.updates.map(({ name }) => [name, limitWord(find(name))]))
        }
        const before = await said()
        for (const { name, limit } of body.updates) {
          if (limit === undefined) await dropLimit(tx, id, name)
          else await putLimit(tx, id, name, limit, at)
        }
        await recordFact(tx, world, {
          ...{ at, actor, action: 'update', resource: 'quota', subject: id, accountId: id },
          data: { name: whose, ...(await said()) },
          previous: before,
        })
      })
      return view(id)
    }),
  ]
}
