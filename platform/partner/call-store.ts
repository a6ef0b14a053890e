import type { Db } from '../db/db.js'
import { maybeOne, rows, sql } from '../db/db.js'
import type { ProviderCall } from '../http/server.js'
import { asJson, type Exchange } from './masked-body.js'

/** How many of the newest are shown, of each kind and of all requests together. */
export const shownMax = 200

/** A provider's call. An add-on says which service it is of. */
export async function insertCall(
  db: Db,
  call: Pick<ProviderCall, 'addonId' | 'serviceId' | 'method' | 'route' | 'status' | 'ms'> & {
    id: string
    exchange: Exchange
    at: Date
  },
): Promise<void> {
  const { sent, received } = call.exchange
  await sql`insert into provider_calls (id, service_id, addon_id, method, route, status, ms, sent, received, created_at)
    select ${call.id}, s.id, ${call.addonId}::uuid, ${call.method}, ${call.route}, ${call.status}, ${call.ms},
      ${asJson(sent)}::json, ${asJson(received)}::json, ${call.at}
    from addon_services s where s.id = coalesce(${call.serviceId}::uuid,
      (select service_id from addons where id = ${call.addonId}::uuid))`.execute(db)
}

export interface CallRow {
  id: string
  method: string
  route: string
  status: number
  ms: number
  at: Date
  addonId: string | null
  addonName: string | null
}

const callColumns = sql`c.id, c.method, c.route, c.status, c.ms, c.created_at as at, d.id as "addonId", d.name as "addonName"`

export async function callsOf(db: Db, serviceId: string): Promise<CallRow[]> {
  return rows(
    db,
    sql`select ${callColumns} from provider_calls c left join addons d on d.id = c.addon_id
    where c.service_id = ${serviceId} order by c.created_at desc, c.id limit ${shownMax}`,
  )
}

/** One of them, with its bodies. */
export async function callOf(db: Db, serviceId: string, id: string): Promise<(CallRow & Exchange) | undefined> {
  return maybeOne(
    db,
    sql`select ${callColumns}, c.sent, c.received from provider_calls c left join addons d on d.id = c.addon_id
    where c.service_id = ${serviceId} and c.id = ${id}`,
  )
}

export interface AskedRow {
  questionId: string
  kind: 'provision' | 'plan' | 'deprovision'
  number: number
  sentAt: Date
  answeredAt: Date | null
  class: string | null
  status: number | null
  message: string | null
  addonId: string
  addonName: string
}

const askedColumns = sql`q.id as "questionId", q.kind, a.number, a.sent_at as "sentAt", a.answered_at as "answeredAt", a.class,
  a.status, a.message, d.id as "addonId", d.name as "addonName"`
const askedTables = sql`attempts a join questions q on q.id = a.question_id join addons d on d.id = q.addon_id`

/** What the provider was asked, attempt by attempt. */
export async function askedOf(db: Db, serviceId: string): Promise<AskedRow[]> {
  return rows(
    db,
    sql`select ${askedColumns} from ${askedTables}
    where d.service_id = ${serviceId} order by a.sent_at desc limit ${shownMax}`,
  )
}

/** One of them, with its bodies. */
export async function attemptOf(
  db: Db,
  serviceId: string,
  questionId: string,
  number: number,
): Promise<(AskedRow & Exchange) | undefined> {
  return maybeOne(
    db,
    sql`select ${askedColumns}, a.sent, a.received from ${askedTables}
    where d.service_id = ${serviceId} and q.id = ${questionId} and a.number = ${number}`,
  )
}

export interface InstallRow {
  id: string
  name: string
  planId: string
  planName: string
  state: string
  providerId: string | null
  appId: string | null
  appName: string | null
  createdAt: Date
}

/** What is live of a service. */
export async function installsOf(db: Db, serviceId: string): Promise<InstallRow[]> {
  return rows(
    db,
    sql`select d.id, d.name, d.plan_id as "planId", s.name || ':' || p.name as "planName", d.state,
      d.provider_id as "providerId", a.id as "appId", a.name as "appName", d.created_at as "createdAt"
    from addons d join plans p on p.id = d.plan_id join addon_services s on s.id = d.service_id
      left join apps a on a.id = d.app_id
    where d.service_id = ${serviceId} and d.state <> 'deprovisioned' order by d.created_at desc, d.id limit ${shownMax}`,
  )
}
