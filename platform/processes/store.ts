import { type Db, maybeOne, one, rows, sql, type Tx } from '../db/db.js'
import { type Process, shownMs, silentMs } from './process.js'

/** Any number will do, as long as every Mortise uses the same one. */
const enterLock = 5_055_002

const columns = sql`id, role, host, pid, pid_start as "pidStart", address, version, keys,
  seals_with as "sealsWith", started_at as "startedAt",
  beat_at as "beatAt", beat_at < now() - make_interval(secs => ${silentMs / 1000}) as "isSilent"`

export type Entrant = Omit<Process, 'beatAt' | 'isSilent'>

/** One after the other, so that two that start at once see each other. Held until the transaction ends. */
export async function lockEntering(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${enterLock})`.execute(tx)
}

export async function listProcesses(db: Db): Promise<Process[]> {
  return rows(db, sql`select ${columns} from processes order by started_at, id`)
}

/** The one that runs apps, if it beats. */
export async function holderOfApps(db: Db): Promise<Process | undefined> {
  return maybeOne(
    db,
    sql`select ${columns} from processes
    where role = 'all' and beat_at >= now() - make_interval(secs => ${silentMs / 1000})`,
  )
}

/** Forgets processes: the ones named, and whoever runs apps but has fallen silent, when its place is wanted. */
export async function dropProcesses(tx: Tx, ids: readonly string[], silentHolder: boolean): Promise<void> {
  await sql`delete from processes where id = any(${ids}::uuid[])
    or (${silentHolder} and role = 'all' and beat_at < now() - make_interval(secs => ${silentMs / 1000}))`.execute(tx)
}

/**
 * Says that the process is alive, by the database's clock, and writes its row (again) when there is none.
 * @throws the unique constraint `processes_apps` when it would run apps and another process does
 */
export async function beat(db: Db, me: Entrant): Promise<Process> {
  return one(
    db,
    sql`insert into processes (id, role, host, pid, pid_start, address, version, keys, seals_with,
      started_at, beat_at)
    values (${me.id}, ${me.role}, ${me.host}, ${me.pid}, ${me.pidStart}, ${me.address}, ${me.version},
      ${me.keys}::int[], ${me.sealsWith}, ${me.startedAt}, now())
    on conflict (id) do update set beat_at = excluded.beat_at, keys = excluded.keys,
      seals_with = excluded.seals_with
    returning ${columns}`,
  )
}

/** Forgets those that have been silent for long. */
export async function dropLongSilent(db: Db): Promise<void> {
  await sql`delete from processes where beat_at < now() - make_interval(secs => ${shownMs / 1000})`.execute(db)
}

export async function leave(db: Db, id: string): Promise<void> {
  await sql`delete from processes where id = ${id}`.execute(db)
}
