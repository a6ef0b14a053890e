import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable } from './shared.js'

/** What is counted for each account, a team's too. */
export const quotaNames = ['apps', 'add-ons', 'dynos', 'authorizations', 'webhooks', 'domains', 'builds'] as const
export type QuotaName = (typeof quotaNames)[number]

const Name = Type.Union(quotaNames.map((name) => Type.Literal(name)))
const limit = Type.Integer({ minimum: 0, maximum: 1_000_000 })

/** Ours: how much of something an account may have at a time, and how much it has. */
export const Quota = Type.Object({
  name: Name,
  /** Null: as much as it likes. */
  limit: Nullable(Type.Integer()),
  used: Type.Integer(),
  /** Whether the operator said something about this account by name. */
  is_own: Type.Boolean(),
})
export type Quota = Static<typeof Quota>

export const quotaRoutes = {
  own: route({
    method: 'GET',
    path: '/account/quotas',
    title: 'Quota list: how much the account may have, and has',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(Quota),
    status: 200,
  }),
  list: route({
    method: 'GET',
    path: '/users/:user/quotas',
    title: "Quota list of an account: by id or e-mail; a team's by the team's name",
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(Quota),
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/users/:user/quotas',
    title: 'Quota update: allow one account more or less than the others',
    permission: 'operator',
    scope: 'write-protected',
    body: Type.Object({
      updates: Type.Array(
        Type.Object({
          name: Name,
          /** Null: as much as it likes. Left out: as everybody else. */
          limit: Type.Optional(Type.Union([limit, Type.Null()])),
        }),
        { minItems: 1, maxItems: quotaNames.length },
      ),
    }),
    answer: Type.Array(Quota),
    status: 200,
  }),
}
