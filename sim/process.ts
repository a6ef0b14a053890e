import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Db } from '../platform/db/db.js'
import type { World } from '../platform/world/world.js'

/** Our process is gone: nothing that it does from here on has any effect. */
export class Crashed extends Error {
  constructor() {
    super('the process is gone')
  }
}

/** When a process of ours dies: after so many effects, before or after the effect. */
export interface Fate {
  /** Effects (commits, statements of their own, messages) that are still granted; null: it lives on. */
  effectsLeft: number | null
  /** Whether the last effect still happens, unknown to us. */
  actsLast: boolean
  dead: boolean
}

/** Counts an effect. @returns what becomes of it; after the last one that still acts, the caller ends the process. */
export function strike(fate: Fate): 'lives' | 'dies before' | 'dies after' {
  if (fate.effectsLeft === null) return 'lives'
  if (fate.effectsLeft-- > 0) return 'lives'
  if (fate.actsLast) return 'dies after'
  fate.dead = true
  return 'dies before'
}

/** A door to the database that dies with its process: between any two effects, in the middle of any transaction. */
export function mortalDb(pool: pg.Pool, fate: Fate): Db {
  const mortal = {
    async connect() {
      if (fate.dead) throw new Crashed()
      const client = await pool.connect()
      let inTransaction = false
      return {
        async query(text: string, values?: unknown[]) {
          if (fate.dead) throw new Crashed()
          const verb = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? ''
          const isEffect = verb === 'commit' || (!inTransaction && ['insert', 'update', 'delete'].includes(verb))
          const outcome = isEffect ? strike(fate) : 'lives'
          if (outcome === 'dies before') throw new Crashed()
          const result = await client.query(text, values)
          if (verb === 'begin' || verb === 'start') inTransaction = true
          if (verb === 'commit' || verb === 'rollback') inTransaction = false
          if (outcome === 'dies after') {
            fate.dead = true
            throw new Crashed()
          }
          return result
        },
        // A connection that died in a transaction is closed, which rolls it back.
        release: () => client.release(inTransaction ? true : undefined),
      }
    },
    end: async () => undefined,
  }
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: mortal as unknown as pg.Pool }) })
}

/** The world as a process sees it: one that is dead draws no chance and waits for ever, so that it disturbs nobody. */
export function mortalWorld(world: World, fate: Fate): World {
  return {
    now: world.now,
    id: () => (fate.dead ? '00000000-0000-4000-8000-000000000000' : world.id()),
    chance: () => (fate.dead ? 0.5 : world.chance()),
    sleep: (ms, signal) => (fate.dead ? new Promise(() => undefined) : world.sleep(ms, signal)),
  }
}
