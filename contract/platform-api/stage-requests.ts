import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

/** Characters of what a provider writes to the operator; as text it is at most 1 KiB. */
export const stageNoteMax = 1_024

/** The stage after each, which a provider may ask for. */
export const nextStage: Readonly<Record<string, 'beta' | 'ga' | undefined>> = { alpha: 'beta', beta: 'ga' }

/** open: nobody answered yet · granted: the operator moved the service on · declined: with a reason · withdrawn: by its provider. */
export const stageRequestStates = ['open', 'granted', 'declined', 'withdrawn'] as const

/** A provider thinks that its service is ready for the next stage. At most one of a service is open. */
export const StageRequest = Type.Object({
  addon_service: Ref,
  /** Who asked; null for somebody who has left. */
  asked_by: Nullable(Type.String()),
  created_at: Timestamp,
  ended_at: Nullable(Timestamp),
  id: Uuid,
  note: Nullable(Type.String()),
  /** The operator's words to the provider; only of one that was declined. */
  reason: Nullable(Type.String()),
  stage: Type.Union([Type.Literal('beta'), Type.Literal('ga')]),
  state: Type.Union(stageRequestStates.map((state) => Type.Literal(state))),
})
export type StageRequest = Static<typeof StageRequest>

/** One as the operator reads it: with where the service stands, and what the stage asks for. */
export const StageRequestToAnswer = Type.Object({
  ...StageRequest.properties,
  /** What that stage asks for, and whether each holds now. Beta asks for nothing. */
  checks: Type.Array(Type.Object({ advice: Type.String(), holds: Type.Boolean(), title: Type.String() })),
  /** The stage that the service has. */
  current_stage: Type.String(),
})
export type StageRequestToAnswer = Static<typeof StageRequestToAnswer>

export const stageRequestRoutes = {
  listOfService: route({
    method: 'GET',
    path: '/api/v3/addons/:slug/stage-requests',
    title: 'Stage request list of a service, the newest first',
    permission: 'service.owner',
    scope: 'read',
    answer: Type.Array(StageRequest),
    status: 200,
  }),
  create: route({
    method: 'POST',
    path: '/api/v3/addons/:slug/stage-requests',
    title: 'Stage request create',
    description: 'Asking again while one is open changes nothing, and answers 200 with that one.',
    permission: 'service.owner',
    scope: 'write',
    body: Type.Object({
      note: Type.Optional(Nullable(Type.String({ maxLength: stageNoteMax }))),
      /** The next one when it is left out; no other can be asked for. */
      stage: Type.Optional(Type.Union([Type.Literal('beta'), Type.Literal('ga')])),
    }),
    answer: StageRequest,
    status: 201,
  }),
  withdraw: route({
    method: 'DELETE',
    path: '/api/v3/addons/:slug/stage-requests/:stage_request',
    title: 'Stage request withdraw',
    permission: 'service.owner',
    scope: 'write',
    answer: StageRequest,
    status: 200,
  }),
  list: route({
    method: 'GET',
    path: '/stage-requests',
    title: 'Stage request list; those that are open',
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(StageRequestToAnswer),
    status: 200,
    list: { fields: ['created_at', 'id'] },
  }),
  decline: route({
    method: 'POST',
    path: '/stage-requests/:stage_request/actions/decline',
    title: 'Stage request decline',
    description: 'It is granted by moving the service on: PATCH /addon-services/:service.',
    permission: 'operator',
    scope: 'write',
    body: Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }),
    answer: StageRequest,
    status: 200,
  }),
}
