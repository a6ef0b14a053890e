import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Timestamp, UserRef, Uuid } from './shared.js'

/**
 * Ours: a link through which somebody makes an account or a new password. No mail is sent; whoever made the link hands
 * it on. `url` is whole only in the answer that makes it.
 */
export const Invite = Type.Object({
  created_at: Timestamp,
  email: Type.String(),
  expires_at: Timestamp,
  id: Uuid,
  invited_by: UserRef,
  purpose: Type.Union([Type.Literal('account'), Type.Literal('password')]),
  url: Nullable(Type.String()),
})
export type Invite = Static<typeof Invite>

export const inviteRoutes = {
  create: route({
    method: 'POST',
    path: '/invites',
    title: 'Invite somebody without an account, or let somebody choose a new password',
    permission: 'operator',
    scope: 'write-protected',
    body: Type.Object({
      email: Type.String({ minLength: 3, maxLength: 320 }),
      purpose: Type.Optional(Invite.properties.purpose),
    }),
    answer: Invite,
    status: 201,
  }),
  list: route({
    method: 'GET',
    path: '/invites',
    title: 'Invite list: those that can still be used',
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(Invite),
    status: 200,
    list: { fields: ['id', 'email', 'created_at'] },
  }),
  revoke: route({
    method: 'DELETE',
    path: '/invites/:invite',
    title: 'Invite revoke',
    permission: 'operator',
    scope: 'write-protected',
    answer: Invite,
    status: 200,
  }),
}
