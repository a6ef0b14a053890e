import pg from 'pg'
import { type Db, sql } from './db.js'

const channel = 'mortise'

/**
 * Rings a bell for whoever waits for work: delivered when the transaction commits, lost when nobody
 * listens. It only ever says "look now"; a poll stands behind every bell.
 */
export async function ring(db: Db, bell: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${bell})`.execute(db)
}

export interface Bells {
  /** Calls `listener` on each ring of the bell; returns how to stop. */
  on(bell: string, listener: () => void): () => void
  close(): Promise<void>
}

/** Listens on a connection of its own and takes a new one when it is lost. */
export function listen(config: pg.ClientConfig): Bells {
  const listeners = new Map<string, Set<() => void>>()
  let closed = false
  let client: pg.Client | undefined
  let again: NodeJS.Timeout | undefined

  async function connect(): Promise<void> {
    if (closed) return
    const mine = new pg.Client({ ...config, application_name: 'mortise bells' })
    client = mine
    const retry = () => {
      if (closed || client !== mine) return
      client = undefined
      mine.end().catch(() => undefined)
      again = setTimeout(connect, 1_000)
    }
    mine.on('error', retry)
    mine.on('end', retry)
    mine.on('notification', (message) => {
      for (const listener of listeners.get(message.payload ?? '') ?? []) listener()
    })
    try {
      await mine.connect()
      await mine.query(`listen ${channel}`)
      // Whatever rang while nobody listened: look once.
      for (const set of listeners.values()) for (const listener of set) listener()
    } catch {
      retry()
    }
  }
  void connect()

  return {
    on(bell, listener) {
      const set = listeners.get(bell) ?? new Set()
      listeners.set(bell, set.add(listener))
      return () => set.delete(listener)
    },
    async close() {
      closed = true
      clearTimeout(again)
      await client?.end().catch(() => undefined)
    },
  }
}
