import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Timestamp, UserRef } from './shared.js'

export const PasswordReset = Type.Object({
  created_at: Timestamp,
  /** Ours, to an operator who asks: the link to hand on. No mail is sent. */
  url: Type.Optional(Type.String()),
  /** To somebody who is not signed in the id says nothing: who has an account here is nobody's business. */
  user: UserRef,
})
export type PasswordReset = Static<typeof PasswordReset>

export const passwordResetRoutes = {
  create: route({
    method: 'POST',
    path: '/password-resets',
    title: 'Password reset create: the operator sees that somebody asks, and hands on a link',
    permission: 'anyone',
    scope: 'write-protected',
    body: Type.Object({ email: Type.String({ minLength: 3, maxLength: 320 }) }),
    answer: PasswordReset,
    status: 201,
  }),
  list: route({
    method: 'GET',
    path: '/password-resets',
    title: 'Password reset list: who asked and was given no link yet; ours',
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(PasswordReset),
    status: 200,
  }),
  finalize: route({
    method: 'POST',
    path: '/password-resets/:reset/actions/finalize',
    title: 'Password reset finalize, with the secret of the link',
    permission: 'anyone',
    scope: 'identity',
    body: Type.Object({
      password: Type.String({ maxLength: 1024 }),
      password_confirmation: Type.String({ maxLength: 1024 }),
    }),
    answer: PasswordReset,
    status: 200,
  }),
}
