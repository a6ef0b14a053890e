import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'

/** Ours: what the server knows of the request that asks, so that whoever runs a proxy can see what it passes on. */
export const Caller = Type.Object({
  address: Type.String(),
  host: Type.String(),
  proto: Type.Union([Type.Literal('http'), Type.Literal('https')]),
  /** It came through a proxy, trusted or not. */
  is_passed_on: Type.Boolean(),
  /** Whether who brought it is trusted to say where it comes from. */
  is_trusted: Type.Boolean(),
})
export type Caller = Static<typeof Caller>

export const callerRoutes = {
  info: route({
    method: 'GET',
    path: '/caller',
    title: 'Caller info: how the server sees the one who asks',
    permission: 'anyone',
    scope: 'identity',
    answer: Caller,
    status: 200,
  }),
}
