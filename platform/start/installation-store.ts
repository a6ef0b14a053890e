import { type Db, maybeOne, one, sql } from '../db/db.js'

/** What this installation wrote under a name the first time; `value` is only taken when there was nothing. */
export async function keepSetting(db: Db, name: string, value: string): Promise<string> {
  await sql`insert into settings (name, value) values (${name}, ${JSON.stringify(value)}::jsonb)
    on conflict (name) do nothing`.execute(db)
  return (await one<{ value: string }>(db, sql`select value from settings where name = ${name}`)).value
}

export async function writeSetting(db: Db, name: string, value: unknown): Promise<void> {
  await sql`insert into settings (name, value) values (${name}, ${JSON.stringify(value)}::jsonb)
    on conflict (name) do update set value = excluded.value`.execute(db)
}

export async function readSetting<T>(db: Db, name: string): Promise<T | undefined> {
  return (await maybeOne<{ value: T }>(db, sql`select value from settings where name = ${name}`))?.value
}
