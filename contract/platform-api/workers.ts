import { Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Timestamp, Uuid } from './shared.js'

/** One process of the platform, as it told of itself; ours, not Heroku's. */
export const Worker = Type.Object({
  id: Uuid,
  /** all: API, background work and apps · api: answers only · worker: background work only */
  role: Type.Union([Type.Literal('all'), Type.Literal('api'), Type.Literal('worker')]),
  /** silent: no word for 20 s. Dead, paused, or cut off from the database; others take its work over. */
  state: Type.Union([Type.Literal('alive'), Type.Literal('silent')]),
  host: Type.String(),
  pid: Type.Integer(),
  /** `HOST:PORT` at which the other processes reach it. */
  address: Nullable(Type.String()),
  version: Type.String(),
  started_at: Timestamp,
  /** Its last word. */
  updated_at: Timestamp,
})

export const workerRoutes = {
  list: route({
    method: 'GET',
    path: '/workers',
    title: 'Worker list: the processes of this installation',
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(Worker),
    status: 200,
    list: { fields: ['id', 'started_at'] },
  }),
}
