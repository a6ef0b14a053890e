import { Kysely, PostgresDialect } from 'kysely'
import type pg from 'pg'
import type { Db } from '../platform/db/db.js'
import type { World } from '../platform/world/world.js'
import type { Connection, WorldDatabase } from './database.js'
import type { Random } from './random.js'
import type { Schedule } from './schedule.js'
import type { Story } from './story.js'

/** What the database and the machine do to us. Everything 0 is a machine that works. */
export interface Machine {
  /** A process dies within the next few effects, each time that it goes on. */
  dies: number
  /** It stands still for longer than its leases. */
  pauses: number
  /** A commit fails: undone, or done without our knowing. */
  losesCommits: number
}

export const soundMachine: Machine = { dies: 0, pauses: 0, losesCommits: 0 }

/** A process of ours. Its ways out are a database, a network and a clock; all of them end with it. */
export interface Process {
  /** `ours-2.5`: the second one, in its fifth life. */
  name: string
  dead: boolean
  /** Effects (commits, statements of their own, messages) that are still granted; null: it lives on. */
  effectsLeft: number | null
  /** Whether the last effect still happens, unknown to us. */
  actsLast: boolean
  /** Its open connections: an operating system closes them with the process. */
  connections: Set<Connection>
}

/** What the simulation did to us on purpose: never a fault of ours. */
export class Injected extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A statement that is not carried out, or carried out otherwise: how a twin breaks the code without touching it. */
export type Break = (statement: string, values: readonly unknown[]) => 'nothing' | string | undefined

export const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

export interface Surroundings {
  schedule: Schedule
  random: Random
  story: Story
  machine(): Machine
  ended(process: Process): void
}

export function newProcess(name: string): Process {
  return { name, dead: false, effectsLeft: null, actsLast: false, connections: new Set() }
}

/** It ends here: what it waited for never comes, its connections are closed. */
export function end(process: Process, why: string, { schedule, story, ended }: Surroundings): void {
  if (process.dead) return
  process.dead = true
  schedule.drop(process.name)
  for (const connection of process.connections) void schedule.io(() => connection.undo())
  process.connections.clear()
  story.tell(`${process.name} died ${why}`)
  story.reached('crash', `${schedule.task()?.step ?? '-'} · ${why}`)
  ended(process)
}

/** Counts an effect of a process. @returns what becomes of it */
export function strike(process: Process): 'lives' | 'dies before' | 'dies after' {
  if (process.effectsLeft === null || process.effectsLeft-- > 0) return 'lives'
  return process.actsLast ? 'dies after' : 'dies before'
}

/**
 * A process's door to the database. Its turn comes once per transaction; it may die before or after each commit, lose
 * one, and its `now()` is the world's clock.
 */
export function doorOf(process: Process, database: WorldDatabase, around: Surroundings, broken?: Break): Db {
  const { schedule, random, story, machine } = around
  const none = { rows: [], rowCount: 0, command: '', oid: 0, fields: [] }

  async function connect() {
    if (process.dead) return never<never>()
    const giveBack = await schedule.turn(process.name)
    const connection = await schedule.io(() => database.connect())
    process.connections.add(connection)
    let inTransaction = false
    let isBroken = false
    const real = (text: string, values?: unknown[]) =>
      schedule.io(() => connection.query(onTheWorldsClock(text, values, schedule.now())))

    async function query(text: string, values: unknown[] = []) {
      if (process.dead) return never<never>()
      // Back to a savepoint is not the end of the transaction.
      const verb = /^\s*(rollback to|\w+)/i.exec(text)?.[1]?.toLowerCase() ?? ''
      const writes =
        ['insert', 'update', 'delete'].includes(verb) ||
        // A claim: one statement that looks and takes.
        (verb === 'with' && /\b(insert into|update|delete from)\s/i.test(text))
      const isEffect = verb === 'commit' || (!inTransaction && writes)
      if (verb === 'rollback' && !inTransaction) return none
      // A bell that nobody hears: this world asks what is due instead.
      if (/^\s*select pg_notify/.test(text)) return none
      const instead = broken?.(text.trim(), values)
      if (instead === 'nothing') return none
      const statement = instead ?? text
      const fate = isEffect ? strike(process) : 'lives'
      if (fate === 'dies before') {
        end(process, verb === 'commit' ? 'before a commit' : 'before a statement', around)
        return never<never>()
      }
      if (isEffect && random.happens(machine().losesCommits)) return lose(verb, statement, values)
      const result = await real(statement, values)
      if (verb === 'begin' || verb === 'start') inTransaction = true
      if (verb === 'commit' || verb === 'rollback') inTransaction = false
      // A claim that found nothing wrote nothing: a world in which nobody can claim comes to its end.
      if (isEffect && (verb === 'commit' || result.rowCount)) story.wrote()
      if (fate === 'dies after') {
        end(process, verb === 'commit' ? 'after a commit' : 'after a statement', around)
        return never<never>()
      }
      return result
    }

    /** The connection breaks at a commit, which may have happened; or PostgreSQL gives up on the transaction. */
    async function lose(verb: string, statement: string, values: unknown[]) {
      const way = random.pick(['undone', 'done', 'deadlock'] as const)
      story.tell(`${process.name} loses a ${verb}: ${way}`)
      story.reached('crash', `${schedule.task()?.step ?? '-'} · a commit lost, ${way}`)
      if (way === 'done') {
        await real(statement, values)
        story.wrote()
      } else if (inTransaction) await real('rollback')
      inTransaction = false
      if (way === 'deadlock') throw new Injected('40P01', 'deadlock detected')
      isBroken = true
      throw new Injected('57P01', 'terminating connection due to administrator command')
    }

    return {
      query,
      release() {
        // Once dead, its connections are closed already.
        if (process.connections.delete(connection)) {
          if (inTransaction || isBroken) void schedule.io(() => connection.undo())
          else connection.release()
        }
        giveBack()
      },
    }
  }

  const pooled = { connect, end: async () => undefined }
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pooled as unknown as pg.Pool }) })
}

/** Texts of statements → names under which connections keep them prepared. */
const prepared = new Map<string, string>()

/**
 * A statement whose `now()` is the world's, prepared where it has values: to plan each one anew cost more than all else that
 * a world does. The time goes as a value, so that the text stays the same.
 */
function onTheWorldsClock(text: string, values: readonly unknown[] | undefined, now: Date): pg.QueryConfig {
  const at = now.toISOString()
  if (!values?.length) return { text: text.replaceAll(/\bnow\(\)/g, `timestamptz '${at}'`) }
  const timed = text.replaceAll(/\bnow\(\)/g, `$${values.length + 1}::timestamptz`)
  let name = prepared.get(timed)
  if (name === undefined) {
    name = `s${prepared.size}`
    prepared.set(timed, name)
  }
  return { name, text: timed, values: timed === text ? [...values] : [...values, at] }
}

/** The world as a process sees it: one that is dead draws no chance, so that it disturbs nobody. */
export function worldOf(process: Process, { schedule, random }: Pick<Surroundings, 'schedule' | 'random'>): World {
  return {
    now: schedule.now,
    id: () => (process.dead ? '00000000-0000-4000-8000-000000000000' : random.uuid()),
    chance: () => (process.dead ? 0.5 : random.next()),
    sleep: (ms, signal) => (process.dead ? never() : schedule.wait(process.name, 'sleep', ms, signal)),
  }
}
