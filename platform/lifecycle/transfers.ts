import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf, timestamp } from '@mortise/contract/platform-api/shared'
import type { AppTransfer as WireTransfer } from '@mortise/contract/platform-api/teams'
import { accountOf } from '../accounts/routes.js'
import { findPerson } from '../accounts/store.js'
import { guardApp } from '../apps/guard.js'
import { lockApp } from '../apps/store.js'
import {
  type AppTransfer,
  findTransfer,
  insertTransfer,
  listTransfers,
  settleTransfer,
  withdrawTransfer,
} from '../apps/transfer-store.js'
import { transact } from '../db/db.js'
import { type Asker, type Context, type Handler, handle } from '../http/handle.js'
import type { LifecycleDeps } from './deps.js'
import { moveApp } from './move-app.js'
import { requireGiver } from './team-apps.js'

/** One person offers an app, the other accepts or declines. Nothing changes before that. */
export function transferRoutes(deps: LifecycleDeps): Handler[] {
  const { db } = deps
  /** Only the two who are concerned see it. */
  async function find(asker: Asker, identity: string) {
    const account = await accountOf(db, asker)
    const transfer = await findTransfer(db, account.id, identity)
    if (!transfer) throw notFound('app_transfer')
    return { account, transfer }
  }

  return [
    handle(routes.transfers.list, async ({ asker }) =>
      (await listTransfers(db, (await accountOf(db, asker)).id)).map(transferView),
    ),
    handle(routes.transfers.info, async ({ asker, params }) =>
      transferView((await find(asker, params.transfer)).transfer),
    ),
    handle(routes.transfers.create, (context) => create(deps, context)),
    handle(routes.transfers.update, async ({ asker, actor, params, body }) => {
      const { account, transfer } = await find(asker, params.transfer)
      const { state } = body
      if (state === 'pending') throw invalid('A transfer is accepted or declined: pass one of them as "state".')
      if (transfer.recipient.id !== account.id) {
        throw new WireError('forbidden', `Only ${transfer.recipient.email} can accept or decline. You can withdraw it.`)
      }
      await transact(db, async (tx) => {
        // The app before the transfer, as in every move.
        const app = await lockApp(tx, transfer.appId)
        if (app?.state !== 'live') throw notFound('app')
        if (!(await settleTransfer(tx, transfer.id, state, deps.world.now()))) throw decided(transfer)
        // Somebody else owns it by now: the offer was not theirs to make.
        if (state === 'accepted' && app.ownerId !== transfer.owner.id) throw decided(transfer)
        if (state === 'accepted') await moveApp(tx, deps, app, account.id, actor)
      })
      return transferView({ ...transfer, state, updatedAt: deps.world.now() })
    }),
    handle(routes.transfers.remove, async ({ asker, params }) => {
      const { account, transfer } = await find(asker, params.transfer)
      if (transfer.owner.id !== account.id) {
        throw new WireError('forbidden', `Only ${transfer.owner.email} can withdraw it. You can decline it.`)
      }
      if (!(await transact(db, (tx) => withdrawTransfer(tx, transfer.id)))) throw decided(transfer)
      return transferView(transfer)
    }),
  ]
}

async function create({ db, world }: LifecycleDeps, { asker, body }: Context<typeof routes.transfers.create>) {
  const account = await accountOf(db, asker)
  const app = await guardApp(db, asker, identityOf(body.app), 'manage')
  if (app.teamId !== null) throw invalid(`${app.name} is a team's: PATCH /teams/apps/${app.name} with its new "owner".`)
  const recipient = await findPerson(db, identityOf(body.recipient))
  if (!recipient) {
    throw notFound(
      'account',
      `Nobody has the address ${identityOf(body.recipient)} here. Ask the operator to invite them.`,
    )
  }
  if (recipient.id === app.ownerId) throw invalid(`${app.name} is theirs already.`)
  const id = world.id()
  await transact(db, async (tx) => {
    await requireGiver(tx, asker, app)
    const row = { id, appId: app.id, ownerId: app.ownerId, recipientId: recipient.id, at: world.now() }
    if (!(await insertTransfer(tx, row))) {
      throw invalid(
        `${app.name} is offered to somebody already. Withdraw that first: DELETE /account/app-transfers/${app.name}.`,
      )
    }
  })
  const made = await findTransfer(db, app.ownerId, id)
  if (!made)
    throw new WireError('conflict', `${account.email}'s offer was settled in the same moment. Look at it again.`)
  return transferView(made)
}

const decided = (transfer: AppTransfer) =>
  new WireError('conflict', `The transfer of ${transfer.appName} was settled already. Look at it again.`)

function transferView(transfer: AppTransfer): WireTransfer {
  return {
    app: { id: transfer.appId, name: transfer.appName },
    created_at: timestamp(transfer.createdAt),
    id: transfer.id,
    owner: transfer.owner,
    recipient: transfer.recipient,
    state: transfer.state,
    updated_at: timestamp(transfer.updatedAt),
  }
}
