import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { plainText } from '@mortise/contract/manifest/plain-text'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import {
  nextStage,
  type StageRequest,
  type StageRequestToAnswer,
  stageNoteMax,
} from '@mortise/contract/platform-api/stage-requests'
import { stepsToGa } from '@mortise/contract/platform-api/steps-to-ga'
import { type Db, type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import type { Actor } from '../saga/saga.js'
import type { World } from '../world/world.js'
import { serviceOf } from './guard.js'
import type { Service } from './service.js'
import {
  endStageRequest,
  findStageRequest,
  insertStageRequest,
  type OpenStageRequest,
  openStageRequest,
  openStageRequests,
  type StageRequestRow,
  stageRequestsOf,
} from './stage-request-store.js'
import { lockService } from './store.js'

interface Deps {
  db: Db
  world: World
}

/**
 * A provider asks that its service be moved on, and takes that back; the operator declines it, or moves the service. The
 * service is locked before its request, so that of two who ask one asks, and a move meets the request or it comes too late.
 */
export function stageRequestRoutes({ db, world }: Deps): Handler[] {
  async function requestOf(id: string, serviceId?: string): Promise<StageRequestRow> {
    const found = isUuid(id) ? await findStageRequest(db, id) : undefined
    if (!found || (serviceId !== undefined && found.service.id !== serviceId)) throw notFound('stage_request')
    return found
  }

  return [
    handle(routes.stageRequests.listOfService, async ({ subjects }) =>
      (await stageRequestsOf(db, serviceOf(subjects).id)).map(stageRequestView),
    ),
    handle(routes.stageRequests.create, async (context) => {
      const { subjects, body, actor } = context
      if (Buffer.byteLength(body.note ?? '') > stageNoteMax) throw invalid('A note has at most 1 KiB.')
      const note = plainText(body.note ?? '') || null
      return transact(db, async (tx) => {
        // As it is now: the operator may have moved it since it was looked up.
        const service = await lockService(tx, serviceOf(subjects).name)
        if (!service) throw notFound('add_on_service')
        const stage = stageToAsk(service, body.stage)
        const there = await openStageRequest(tx, service.id)
        if (there) {
          context.status(200)
          return stageRequestView(there)
        }
        const at = world.now()
        const id = world.id()
        await insertStageRequest(tx, { id, serviceId: service.id, accountId: actor.id, stage, note, at })
        await record(tx, world, { service, actor, at, data: { stage, ...(note === null ? {} : { note }) }, is: 'open' })
        const made = await findStageRequest(tx, id)
        if (!made) throw new Error(`the stage request ${id} is not there right after it was made`)
        return stageRequestView(made)
      })
    }),
    handle(routes.stageRequests.withdraw, async ({ subjects, params, actor }) => {
      const service = serviceOf(subjects)
      const { id, stage } = await requestOf(params.stage_request, service.id)
      const at = world.now()
      await transact(db, async (tx) => {
        const isNow = await endStageRequest(tx, id, { state: 'withdrawn', at })
        if (isNow) await record(tx, world, { service, actor, at, data: { stage }, is: 'withdrawn' })
      })
      // Withdrawing twice is withdrawing once.
      return ended(await requestOf(id), 'withdrawn')
    }),
    handle(routes.stageRequests.list, async () => {
      const at = world.now()
      return (await openStageRequests(db)).map((one) => toAnswerView(one, at))
    }),
    handle(routes.stageRequests.decline, async ({ params, body, actor }) => {
      const { id, service, stage, ownerId } = await requestOf(params.stage_request)
      const reason = plainText(body.reason)
      if (reason === '') throw invalid('Say why: its provider reads it.')
      const at = world.now()
      await transact(db, async (tx) => {
        const isNow = await endStageRequest(tx, id, { state: 'declined', reason, at })
        const told = { service: { ...service, ownerId }, actor, at, data: { stage, reason }, is: 'declined' as const }
        if (isNow) await record(tx, world, told)
      })
      return ended(await requestOf(id), 'declined')
    }),
  ]
}

/**
 * What a move of the service means for a request that is open: it is granted by the stage that it asked for or a later one,
 * and ended by any other, since what it asked for is no longer the next. The caller has locked the service.
 */
export async function answerByMove(
  tx: Tx,
  world: World,
  move: { service: Service; to: Service['state']; reason: string | undefined; actor: Actor; at: Date },
): Promise<void> {
  const { service, to, actor, at } = move
  const open = await openStageRequest(tx, service.id)
  if (!open) return
  const isGranted = to === open.stage || (open.stage === 'beta' && to === 'ga')
  const reason = isGranted ? undefined : plainText(move.reason ?? `The service was moved to ${to}.`)
  const end = { state: isGranted ? ('granted' as const) : ('declined' as const), at }
  if (!(await endStageRequest(tx, open.id, { ...end, ...(reason === undefined ? {} : { reason }) }))) return
  const data = { stage: open.stage, ...(reason === undefined ? {} : { reason }) }
  await record(tx, world, { service, actor, at, data, is: end.state })
}

/** @throws WireError 422 when there is no next stage, or another was asked for */
function stageToAsk({ name, state }: Service, asked: 'beta' | 'ga' | undefined): 'beta' | 'ga' {
  const next = nextStage[state]
  if (state === 'shutdown') throw invalid(`${name} is shut down. Ask the operator in person to open it again.`)
  if (next === undefined) throw invalid(`${name} is in ${state}, which is the last stage.`)
  if (asked !== undefined && asked !== next) {
    throw invalid(
      asked === state ? `${name} is in ${state} already.` : `${name} is in ${state}, so it can ask for ${next} only.`,
    )
  }
  return next
}

/** @throws WireError 422 when somebody else ended it otherwise before */
function ended(now: StageRequestRow, state: StageRequestRow['state']): StageRequest {
  if (now.state === state) return stageRequestView(now)
  throw new WireError('invalid_params', `The request of ${now.service.name} was ${now.state} before.`)
}

/** On record with the service, and in the trail of its owner. */
async function record(
  tx: Tx,
  world: World,
  told: {
    service: Pick<Service, 'id' | 'name' | 'ownerId'>
    actor: Actor
    at: Date
    data: Record<string, string>
    is: StageRequestRow['state']
  },
): Promise<void> {
  const { service, actor, at, data, is } = told
  await appendEvent(tx, {
    ...{ id: world.id(), at, actor, action: is === 'open' ? 'create' : 'update', resource: 'stage-request' },
    ...{ subject: service.id, appId: null, accountId: service.ownerId },
    ...{ data: { service: service.name, ...data, state: is }, previous: is === 'open' ? {} : { state: 'open' } },
  })
}

function stageRequestView(row: StageRequestRow): StageRequest {
  return {
    addon_service: row.service,
    asked_by: row.askedBy,
    created_at: timestamp(row.createdAt),
    ended_at: row.endedAt && timestamp(row.endedAt),
    id: row.id,
    note: row.note,
    reason: row.reason,
    stage: row.stage,
    state: row.state,
  }
}

function toAnswerView(row: OpenStageRequest, now: Date): StageRequestToAnswer {
  const { newest, revision, currentStage } = row
  const inspection = newest && {
    created_at: timestamp(newest.createdAt),
    failed: newest.failed,
    manifest_revision: newest.revision,
  }
  const steps = row.stage === 'ga' ? stepsToGa(inspection ?? undefined, revision, now) : []
  return {
    ...stageRequestView(row),
    checks: steps.map(({ advice, isDone, title }) => ({ advice, holds: isDone, title })),
    current_stage: currentStage,
  }
}
