import pg from 'pg'

const url = process.env.DATABASE_URL

// Made for both processes alike, and safe while the other one does the same: `if not exists` alone can still collide,
// so a lock that the database keeps lets one go first.
const tables = `
  begin;
  select pg_advisory_xact_lock(20261123);
  create table if not exists entries (
    id bigint generated always as identity primary key,
    name text not null,
    message text not null,
    created_at timestamptz not null default now()
  );
  create table if not exists entry_counts (
    only_row boolean primary key default true check (only_row),
    entries bigint not null,
    counted_at timestamptz not null
  );
  commit;
`

/** The guestbook's store, or undefined while the app has no database. The pool connects anew by itself. */
export function openDatabase() {
  if (!url) return undefined
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5_000, statement_timeout: 10_000 })
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => console.error(`Lost a database connection: ${error.message}`))
  let ready
  const query = async (text, values) => {
    ready ??= pool.query(tables).catch((error) => {
      // Asked for again with the next request.
      ready = undefined
      throw error
    })
    await ready
    return pool.query(text, values)
  }
  return {
    /** Newest first. */
    async entries(limit = 100) {
      const { rows } = await query('select id, name, message, created_at from entries order by id desc limit $1', [
        limit,
      ])
      return rows.map((row) => ({
        id: Number(row.id),
        name: row.name,
        message: row.message,
        created_at: row.created_at.toISOString(),
      }))
    },
    async addEntry(name, message) {
      await query('insert into entries (name, message) values ($1, $2)', [name, message])
    },
    /** What the worker counted last; undefined before its first time. */
    async counted() {
      const { rows } = await query('select entries from entry_counts')
      return rows[0] && Number(rows[0].entries)
    },
    async count() {
      const { rows } = await query(
        `insert into entry_counts (entries, counted_at) select count(*), now() from entries
         on conflict (only_row) do update set entries = excluded.entries, counted_at = excluded.counted_at
         returning entries`,
      )
      return Number(rows[0].entries)
    },
    close: () => pool.end(),
  }
}
