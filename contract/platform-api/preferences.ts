import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Timestamp, Uuid } from './shared.js'

const Flag = Nullable(Type.Boolean())

/** What a person's own pages remember. They mean nothing to the platform. Source: the API's user-preferences schema. */
export const Preferences = Type.Object({
  'default-organization': Nullable(Type.String({ maxLength: 100 })),
  'dismissed-getting-started': Flag,
  'dismissed-github-banner': Flag,
  'dismissed-org-access-controls': Flag,
  'dismissed-org-wizard-notification': Flag,
  'dismissed-pipelines-banner': Flag,
  'dismissed-pipelines-github-banner': Flag,
  'dismissed-pipelines-github-banners': Nullable(Type.Array(Uuid, { maxItems: 200 })),
  'dismissed-sms-banner': Flag,
  timezone: Nullable(Type.String({ maxLength: 100 })),
})
export type Preferences = Static<typeof Preferences>

/** When somebody who owes money is stopped. Nobody is, so both are null. */
export const Delinquency = Type.Object({
  scheduled_deletion_time: Nullable(Timestamp),
  scheduled_suspension_time: Nullable(Timestamp),
})
export type Delinquency = Static<typeof Delinquency>

export const preferenceRoutes = {
  info: route({
    method: 'GET',
    path: '/users/:user/preferences',
    title: 'User preferences info',
    permission: 'account',
    scope: 'read',
    answer: Preferences,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/users/:user/preferences',
    title: 'User preferences update',
    permission: 'account',
    scope: 'write',
    body: Type.Partial(Preferences),
    answer: Preferences,
    status: 200,
  }),
  delinquency: route({
    method: 'GET',
    path: '/account/delinquency',
    title: 'Account delinquency; nobody is cut off here',
    permission: 'account',
    scope: 'read',
    answer: Delinquency,
    status: 200,
  }),
  delinquencyOfTeam: route({
    method: 'GET',
    path: '/teams/:team/delinquency',
    title: 'Team delinquency; no team is cut off here',
    permission: 'team.view',
    scope: 'read',
    answer: Delinquency,
    status: 200,
  }),
}
