import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, Uuid } from './shared.js'

const Cents = Type.Integer({ minimum: 0 })

/** One add-on at one price in the month. Ours: the field's invoices show totals only. */
export const InvoiceLine = Type.Object({
  addon: Ref,
  addon_service: Ref,
  app: Nullable(Ref),
  ended_at: Timestamp,
  plan: Type.String(),
  price: Type.Object({ cents: Cents, unit: Type.Literal('month') }),
  seconds: Type.Integer({ minimum: 0 }),
  /** Of the service, when this was ordered; alpha and beta cost nothing. */
  stage: Type.String(),
  started_at: Timestamp,
  total: Cents,
})
export type InvoiceLine = Static<typeof InvoiceLine>

const fields = {
  charges_total: Cents,
  created_at: Timestamp,
  credits_total: Cents,
  id: Uuid,
  line_items: Type.Array(InvoiceLine),
  /** Year and month, as 202611. */
  number: Type.Integer(),
  /** `MM/DD/YYYY`, as the field's examples have it. */
  period_end: Type.String(),
  period_start: Type.String(),
  /** 0: pending. Nobody collects money here. */
  state: Type.Integer(),
  total: Cents,
  updated_at: Timestamp,
}
export const Invoice = Type.Object(fields)
export type Invoice = Static<typeof Invoice>

export const TeamInvoice = Type.Object({
  ...fields,
  addons_total: Cents,
  database_total: Cents,
  dyno_units: Type.Number(),
  payment_status: Type.String(),
  platform_total: Cents,
  weighted_dyno_hours: Type.Number(),
})
export type TeamInvoice = Static<typeof TeamInvoice>

export const Credit = Type.Object({
  amount: Type.Number(),
  balance: Type.Number(),
  created_at: Timestamp,
  expires_at: Timestamp,
  id: Uuid,
  title: Type.String(),
  updated_at: Timestamp,
})

const list = { fields: ['number', 'id', 'created_at', 'updated_at'] } as const
const common = { method: 'GET', scope: 'read', status: 200 } as const

export const invoiceRoutes = {
  list: route({
    ...common,
    path: '/account/invoices',
    title: 'Invoice list',
    permission: 'account',
    answer: Type.Array(Invoice),
    list,
  }),
  info: route({
    ...common,
    path: '/account/invoices/:invoice',
    title: 'Invoice info',
    permission: 'account',
    answer: Invoice,
  }),
  listOfTeam: route({
    ...common,
    path: '/teams/:team/invoices',
    title: 'Team invoice list',
    permission: 'team.admin',
    answer: Type.Array(TeamInvoice),
    list,
  }),
  infoOfTeam: route({
    ...common,
    path: '/teams/:team/invoices/:invoice',
    title: 'Team invoice info',
    permission: 'team.admin',
    answer: TeamInvoice,
  }),
  credits: route({
    ...common,
    path: '/account/credits',
    title: 'Credit list',
    permission: 'account',
    answer: Type.Array(Credit),
    list: { fields: ['id', 'created_at'] },
  }),
}
