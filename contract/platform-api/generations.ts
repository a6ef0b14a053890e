import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Stack } from './apps.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

/** Of the machinery that apps run on. */
export const Generation = Type.Object({
  created_at: Timestamp,
  id: Uuid,
  name: Type.String(),
  updated_at: Timestamp,
})
export type Generation = Static<typeof Generation>

export const DynoSize = Type.Object({
  architecture: Type.String(),
  compute: Type.Integer(),
  cost: Nullable(Type.Object({ cents: Type.Integer(), unit: Type.String() })),
  dedicated: Type.Boolean(),
  generation: Ref,
  id: Uuid,
  /** GB. */
  memory: Type.Number(),
  name: Type.String(),
  precise_dyno_units: Type.Number(),
  private_space_only: Type.Boolean(),
})
export type DynoSize = Static<typeof DynoSize>

const byName = { fields: ['id', 'name'] } as const

export const generationRoutes = {
  list: route({
    method: 'GET',
    path: '/generations',
    title: 'Generation list',
    permission: 'anyone',
    scope: 'read',
    answer: Type.Array(Generation),
    status: 200,
    list: byName,
  }),
  info: route({
    method: 'GET',
    path: '/generations/:generation',
    title: 'Generation info',
    permission: 'anyone',
    scope: 'read',
    answer: Generation,
    status: 200,
  }),
  listOfTeam: route({
    method: 'GET',
    path: '/teams/:team/available-generations',
    title: 'Generation list of a team',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(Generation),
    status: 200,
    list: byName,
  }),
  stacksOfApp: route({
    method: 'GET',
    path: '/apps/:app/available-stacks',
    title: 'Stack list of an app',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Stack),
    status: 200,
    list: byName,
  }),
}

export const dynoSizeRoutes = {
  list: route({
    method: 'GET',
    path: '/dyno-sizes',
    title: 'Dyno size list',
    permission: 'anyone',
    scope: 'read',
    answer: Type.Array(DynoSize),
    status: 200,
    list: byName,
  }),
  info: route({
    method: 'GET',
    path: '/dyno-sizes/:size',
    title: 'Dyno size info, by id or name',
    permission: 'anyone',
    scope: 'read',
    answer: DynoSize,
    status: 200,
  }),
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/available-dyno-sizes',
    title: 'Dyno size list of an app',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(DynoSize),
    status: 200,
    list: byName,
  }),
}
