import { rows, sql } from '../../platform/db/db.js'
import { keptDays } from '../../platform/webhooks/webhook.js'
import { later } from '../../platform/world/world.js'
import type { Checker } from './checker.js'

const dayMs = 86_400_000

interface DeliveryFact {
  webhookId: string
  url: string
  level: string
  eventId: string
  seq: number
  status: string
  tries: number
  createdAt: Date
  updatedAt: Date
}

export const everyEventTold: Checker = {
  name: 'every event was handed to each webhook that wants it, and was taken or given up by rule',
  when: 'settled',
  async check({ db, now }) {
    // What ended long ago is forgotten by rule.
    const remembered = later(now, -keptDays * dayMs)
    const missing = await rows<{ url: string; seq: number; resource: string }>(
      db,
      sql`select w.url, e.seq, e.resource from webhooks w join events e on e.app_id = w.app_id and e.at > w.created_at and e.at > ${remembered}
          and ('api:' || e.resource) = any(w.include)
        where not exists (select 1 from webhook_deliveries d where d.webhook_id = w.id and d.event_id = e.id)`,
    )
    const deliveries = await rows<DeliveryFact>(
      db,
      sql`select w.id as "webhookId", w.url, w.level, d.event_id as "eventId", e.seq, d.status, d.num_attempts as tries,
          d.created_at as "createdAt", d.updated_at as "updatedAt"
        from webhook_deliveries d join webhooks w on w.id = d.webhook_id join events e on e.id = d.event_id
        order by w.id, d.seq`,
    )
    const tooSoon = ({ level, status, createdAt, updatedAt, tries }: DeliveryFact) =>
      (status === 'failed' && level === 'sync' && updatedAt.getTime() - createdAt.getTime() < 72 * 3_600_000) ||
      (status === 'failed' && level === 'notify' && tries < 1)
    return [
      ...missing.map(({ url, seq, resource }) => `${url} was never told of event ${seq} (${resource})`),
      ...deliveries
        .filter(({ status }) => status === 'pending' || status === 'retrying')
        .map(({ url, seq, status }) => `${url} waits for event ${seq}, which is ${status}`),
      ...deliveries
        .filter(tooSoon)
        .map(({ url, seq, tries }) => `${url}: event ${seq} was given up after ${tries} tries`),
    ]
  },
}

export const syncInOrder: Checker = {
  name: 'sync webhooks get their events in order',
  when: 'always',
  check({ receivers }) {
    return receivers.flatMap(({ url, level, taken }) => {
      if (level !== 'sync') return []
      // Twice is allowed, earlier than what is older is not.
      let highest = 0
      const first = new Set<number>()
      return taken.flatMap((seq) => {
        if (first.has(seq)) return []
        first.add(seq)
        const late = seq < highest
        highest = Math.max(highest, seq)
        return late ? [`${url} took event ${seq} after ${highest}`] : []
      })
    })
  },
}

export const takenIsTaken: Checker = {
  name: 'what a receiver took is not said to have failed, and what is said to be taken it took',
  when: 'settled',
  async check({ db, receivers }) {
    const found = await rows<{ url: string; seq: number; status: string }>(
      db,
      sql`select w.url, e.seq, d.status from webhook_deliveries d join webhooks w on w.id = d.webhook_id
        join events e on e.id = d.event_id where d.status = 'succeeded' order by e.seq`,
    )
    return found.flatMap(({ url, seq }) => {
      const receiver = receivers.find((one) => one.url === url)
      return receiver?.taken.includes(seq) ? [] : [`${url} never took event ${seq}, which is said to be delivered`]
    })
  },
}
