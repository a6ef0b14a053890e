import pg from 'pg'
import type { RawBuilder } from 'kysely'
import { type Db, sql } from './db.js'

const channel = 'mortise'

/**
 * Rings a bell for whoever waits for work: delivered when the transaction commits, lost when nobody
 * listens. It only ever says "look now"; a poll stands behind every bell.
 * @param about what to look at, in at most 7,000 bytes
 */
export async function ring(db: Db, bell: string, about?: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${about === undefined ? bell : `${bell} ${about}`})`.execute(db)
}

/** The same within a statement, for what only the statement knows. */
export const ringing = (bell: string, about: RawBuilder<unknown>) =>
  sql`pg_notify(${channel}, ${`${bell} `} || (${about})::text)`

export interface Bells {
  /**
   * Calls `listener` on each ring of the bell, with what was said of it; returns how to stop. Called with nothing it
   * means that rings may have been lost.
   */
  on(bell: string, listener: (about?: string) => void): () => void
  close(): Promise<void>
}

/** Listens on a connection of its own and takes a new one when it is lost. */
export function listen(config: pg.ClientConfig): Bells {
  const listeners = new Map<string, Set<(about?: string) => void>>()
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
      const said = message.payload ?? ''
      const space = said.indexOf(' ')
      const bell = space < 0 ? said : said.slice(0, space)
      for (const listener of listeners.get(bell) ?? []) listener(space < 0 ? undefined : said.slice(space + 1))
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
