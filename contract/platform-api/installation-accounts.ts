import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'
import { teamRoles } from './teams.js'

export const accountKinds = ['person', 'team'] as const
/** What a list may be narrowed to. */
export const accountStates = ['active', 'suspended', 'operator'] as const

const Kind = Type.Union(accountKinds.map((kind) => Type.Literal(kind)))
const Role = Type.Union(teamRoles.map((role) => Type.Literal(role)))

const summary = {
  /** Add-ons that it owns and that are not gone. */
  add_ons: Type.Integer(),
  apps: Type.Integer(),
  created_at: Timestamp,
  /** Of a team: the address that stands for it in the API. */
  email: Type.String(),
  id: Uuid,
  is_operator: Type.Boolean(),
  kind: Kind,
  /** In a browser; null for never, and for a team. */
  last_login: Nullable(Timestamp),
  /** A person's own name, which may be null, or the team's. */
  name: Nullable(Type.String()),
  /** What its add-ons cost a month at the price that each has now. */
  price: Type.Object({ cents: Type.Integer(), unit: Type.Literal('month') }),
  suspended_at: Nullable(Timestamp),
  suspended_reason: Nullable(Type.String()),
}

/** Ours: a person or a team, as the operator sees them. */
export const InstallationAccount = Type.Object(summary)
export type InstallationAccount = Static<typeof InstallationAccount>

/** The same with what hangs on it. */
export const InstallationAccountDetail = Type.Object({
  ...summary,
  /** Services that a team's apps may have; none means all. */
  allowed_services: Type.Array(Ref),
  /** Tokens of programs and terminals that are good now. */
  authorizations: Type.Integer(),
  /** Of a team; a person has none. */
  members: Type.Array(Type.Object({ email: Type.String(), id: Uuid, role: Role })),
  /** Browsers that are signed in. */
  sessions: Type.Integer(),
  /** Where a person is a member; `id` is the team's. */
  teams: Type.Array(Type.Object({ id: Uuid, name: Type.String(), role: Role })),
})
export type InstallationAccountDetail = Static<typeof InstallationAccountDetail>

/** An app, as far as it is the operator's business without X-Heroku-Sudo. */
export const AccountApp = Type.Object({
  add_ons: Type.Integer(),
  created_at: Timestamp,
  id: Uuid,
  maintenance: Type.Boolean(),
  name: Type.String(),
  released_at: Nullable(Timestamp),
})
export type AccountApp = Static<typeof AccountApp>

const one = '/accounts/:account'
const Because = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }) })
const Verb = {
  method: 'POST',
  permission: 'operator',
  scope: 'write-protected',
  body: Because,
  answer: InstallationAccountDetail,
  status: 200,
} as const

export const installationAccountRoutes = {
  list: route({
    method: 'GET',
    path: '/accounts',
    title: 'Account list of the installation: people and teams',
    permission: 'operator',
    scope: 'read',
    query: Type.Object({
      'eq[kind]': Type.Optional(Type.String({ maxLength: 20 })),
      'eq[state]': Type.Optional(Type.String({ maxLength: 20 })),
      /** A part of the e-mail or of the name. */
      q: Type.Optional(Type.String({ maxLength: 320 })),
    }),
    answer: Type.Array(InstallationAccount),
    status: 200,
    list: { fields: ['email', 'created_at', 'id'] },
  }),
  info: route({
    method: 'GET',
    path: one,
    title: "Account info for the operator: by id or e-mail; a team by the team's name",
    permission: 'operator',
    scope: 'read',
    answer: InstallationAccountDetail,
    status: 200,
  }),
  apps: route({
    method: 'GET',
    path: `${one}/apps`,
    title: 'App list of an account, for the operator',
    permission: 'operator',
    scope: 'read',
    answer: Type.Array(AccountApp),
    status: 200,
    list: { fields: ['name', 'id'] },
  }),
  suspend: route({
    ...Verb,
    path: `${one}/actions/suspend`,
    title: 'Account suspend: its tokens and sessions stop at once; its apps run on',
  }),
  unsuspend: route({
    ...Verb,
    path: `${one}/actions/unsuspend`,
    title: 'Account unsuspend: the tokens that it had are good again',
  }),
  makeOperator: route({
    ...Verb,
    path: `${one}/actions/make-operator`,
    title: 'Account make operator',
  }),
  unmakeOperator: route({
    ...Verb,
    path: `${one}/actions/unmake-operator`,
    title: 'Account unmake operator; never the own one',
  }),
}
