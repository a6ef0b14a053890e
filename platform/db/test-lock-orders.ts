import type pg from 'pg'
import { cyclesOf, gatesAbove } from './test-lock-cycles.js'

/** `K` for key share, `N` for no key update, `X` for update: PostgreSQL's strengths of a row's lock, and of one by name. */
export type Mode = 'K' | 'N' | 'X'

/** One lock that was asked for while another was held. */
export interface Asked {
  held: Taken
  wanted: Taken
  /** All that was held then: whoever holds one of these as well can't be under way at the same time. */
  gates: Map<string, Mode>
  /** Those above either row, said as the way there. */
  gatesOfHeld: Map<string, Mode>
  gatesOfWanted: Map<string, Mode>
}

export interface Taken {
  /** `apps <id>`, or `lock <name>`. */
  what: string
  mode: Mode
  by: string
}

/** What a row refers to, by the columns that do: `attachments <id>` → `app_id` → `apps <id>`. */
export type References = ReadonlyMap<string, ReadonlyMap<string, string>>

export interface LockOrders {
  /** Every way in which transactions like those that ran could wait for each other in a ring, whether or not they met. */
  cycles(areApart?: (one: Taken, other: Taken) => boolean): string[]
  /** How many transactions asked for a lock while they held another. */
  count(): number
}

/**
 * PostgreSQL shows a row's lock only to whoever waits for it, so each table tells of its own: what changes, and what the
 * foreign keys of new rows lock. Not heard of: keys of unique indexes, at which an insert waits for another of the same key.
 */
const triggers = `
create function tell_row() returns trigger language plpgsql as $f$
declare was jsonb := to_jsonb(old); becomes jsonb := to_jsonb(new); mode text := 'X';
begin
  if tg_op = 'UPDATE' and not exists (select from unnest(string_to_array(tg_argv[1], ',')) k where was -> k <> becomes -> k) then
    mode := 'N';
  end if;
  raise notice '%', concat_ws(chr(9), case when tg_op = 'INSERT' then 'new' else 'row' end, mode, tg_table_name,
    (select string_agg(coalesce(was, becomes) ->> k, '|') from unnest(string_to_array(tg_argv[0], ',')) k));
  return coalesce(new, old);
end $f$;
create function tell_reference() returns trigger language plpgsql as $f$
declare was jsonb := to_jsonb(old); becomes jsonb := to_jsonb(new); was_at text; is_at text;
begin
  select string_agg(was ->> k, '|'), string_agg(becomes ->> k, '|') into was_at, is_at from unnest(string_to_array(tg_argv[1], ',')) k;
  if is_at is not null and is_at is distinct from was_at then
    raise notice '%', concat_ws(chr(9), 'reference', 'K', tg_argv[2], is_at, tg_table_name,
      (select string_agg(becomes ->> k, '|') from unnest(string_to_array(tg_argv[0], ',')) k), tg_argv[1]);
  end if;
  return null;
end $f$;
do $$
declare t record; f record;
begin
  for t in select c.oid, c.relname, (select string_agg(a.attname, ',' order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and case when h.has_id then a.attname = 'id' else a.attnum = any (p.indkey) end) as own,
      (select string_agg(distinct a.attname, ',') from pg_index x join pg_attribute a on a.attrelid = c.oid and a.attnum = any (x.indkey)
        where x.indrelid = c.oid and x.indisunique and x.indimmediate and x.indpred is null and x.indexprs is null) as keys
    from pg_class c join pg_index p on p.indrelid = c.oid and p.indisprimary cross join lateral (
      select exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id') as has_id) h
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  loop
    execute format('create trigger aa_tell before update or delete on %I for each row execute function tell_row(%L, %L)',
      t.relname, t.own, t.keys);
    -- What met a conflict is not new.
    execute format('create trigger aa_tell_new after insert on %I for each row execute function tell_row(%L)', t.relname, t.own);
    -- After those of the constraints, which go by name; of a constraint that is looked at in the end, in the end.
    for f in select k.oid, r.relname, k.condeferred, (select string_agg(a.attname, ',' order by n)
        from unnest(k.conkey) with ordinality u(att, n) join pg_attribute a on a.attrelid = t.oid and a.attnum = u.att) as columns
      from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = t.oid and k.contype = 'f'
    loop
      execute format('create constraint trigger zz_tell_%s after insert or update on %I %s for each row execute function tell_reference(%L, %L, %L)',
        f.oid, t.relname, case when f.condeferred then 'deferrable initially deferred' else '' end, t.own, f.columns, f.relname);
    end loop;
  end loop;
end $$`

/** Locks that a statement asks for by name, or that a \`select … for update\` has on the rows it found. */
function askedFor(text: string, values: readonly unknown[], found: readonly { id?: unknown }[]) {
  const named = /pg_(try_)?advisory_xact_lock\((?:hashtextextended\()?\$(\d+)/.exec(text)
  if (named) return [{ what: `lock ${values[Number(named[2]) - 1]}`, mode: 'X' as const, waits: !named[1] }]
  const rows = /^select.* for (update|no key update|key share)(?: of (\w+))?( skip locked)?$/.exec(text)
  if (!rows) return []
  const [, strength, alias, skips] = rows
  const table = (alias ? new RegExp(`(?:from|join) "?(\\w+)"? ${alias}\\b`) : /.* from "?(\w+)/).exec(text)?.[1]
  const param = /\b(?:id|addon_id|service_id|hash|name) = \$(\d+)/.exec(text)?.[1]
  const mode: Mode = strength === 'update' ? 'X' : strength === 'key share' ? 'K' : 'N'
  return found.map(({ id = param && values[Number(param) - 1] }) => ({ what: `${table} ${id}`, mode, waits: !skips }))
}

/** A row that the transaction made is seen by nobody else: nobody waits for it. */
type Held = Taken & { isNew: boolean }

/** From now on whatever this pool's connections lock is written down. */
export async function recordLockOrders(pool: pg.Pool): Promise<LockOrders> {
  await pool.query(triggers)
  const asked = new Map<string, Asked>()
  const references = new Map<string, Map<string, string>>()
  let several = 0

  function take(held: Map<string, Held>, taken: Held, waits: boolean): void {
    const had = held.get(taken.what)
    const mode: Mode = [had?.mode, taken.mode].includes('X') ? 'X' : [had?.mode, taken.mode].includes('N') ? 'N' : 'K'
    if (had?.mode === mode) return
    const others = [...held.values()].filter(({ isNew }) => !isNew)
    const gates = new Map(others.map((one) => [one.what, one.mode]))
    const behind = [...gates].join()
    if (waits && others.length) several++
    if (waits)
      for (const one of others) {
        const key = `${one.what} ${taken.what} ${mode} ${behind}`
        if (asked.has(key)) continue
        const above = (what: string) => gatesAbove(what, gates, references)
        const wanted = { ...taken, mode }
        asked.set(key, { held: one, wanted, gates, gatesOfHeld: above(one.what), gatesOfWanted: above(taken.what) })
      }
    held.set(taken.what, { ...taken, mode, isNew: had?.isNew ?? taken.isNew })
  }

  pool.on('connect', (client) => {
    /** Of the transaction under way; a statement by itself is one, too. */
    let held: Map<string, Held> | undefined
    const savepoints = new Map<string, { held: Map<string, Held>; told: number }>()
    /** What rows referred to before this transaction said otherwise: it may be taken back. */
    let told: { row: Map<string, string>; columns: string; before: string | undefined }[] = []
    function takeBack(to: number): void {
      for (const { row, columns, before } of told.splice(to).reverse()) {
        if (before === undefined) row.delete(columns)
        else row.set(columns, before)
      }
    }
    let by = ''
    client.on('notice', ({ message = '' }) => {
      const [sort = '', mode, table, key, from, fromKey, columns] = message.split('\t')
      if (!held || !['new', 'row', 'reference'].includes(sort)) return
      const what = `${table} ${key}`
      if (columns) {
        const row = references.get(`${from} ${fromKey}`) ?? new Map<string, string>()
        told.push({ row, columns, before: row.get(columns) })
        references.set(`${from} ${fromKey}`, row.set(columns, what))
      }
      const isClaimed = sort === 'row' && by.includes(' skip locked')
      const taken = { what, mode: isClaimed ? 'X' : (mode as Mode), by, isNew: sort === 'new' }
      take(held, taken, sort !== 'new' && !isClaimed)
    })
    const query = client.query.bind(client) as (...given: unknown[]) => Promise<{ rows: { id?: unknown }[] }>
    const recorded = async (text: string, values: readonly unknown[] = []) => {
      by = text.replace(/\s+/g, ' ').trim()
      const isAlone = held === undefined
      const now = held ?? new Map<string, Held>()
      held = now
      try {
        const answer = await query(text, values)
        for (const { waits, ...taken } of askedFor(by, values, answer.rows))
          take(now, { ...taken, by, isNew: false }, waits)
        const [, verb, name = ''] = /^(savepoint|rollback to savepoint) (\S+)/.exec(by) ?? []
        if (verb === 'savepoint') savepoints.set(name, { held: new Map(now), told: told.length })
        if (verb === 'rollback to savepoint') {
          held = new Map(savepoints.get(name)?.held)
          takeBack(savepoints.get(name)?.told ?? 0)
        }
        return answer
      } finally {
        const begins = /^(begin|start transaction)/.test(by)
        if (by === 'rollback') takeBack(0)
        if ((isAlone && !begins) || /^(commit|rollback$)/.test(by)) {
          held = undefined
          told = []
        }
      }
    }
    // As kysely asks; whoever asks otherwise has no transaction of ours.
    Object.assign(client, {
      query: (...given: unknown[]) =>
        typeof given[0] === 'string' && typeof given[2] !== 'function' && typeof given[1] !== 'function'
          ? recorded(given[0], given[1] as unknown[])
          : query(...given),
    })
  })
  // Those that are there already are not listened to: they go, and the one that ends them too.
  const last = await pool.connect()
  await last.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'mortise' and pid <> pg_backend_pid()`)
  last.release(true)

  return {
    cycles: (areApart = () => false) => cyclesOf([...asked.values()], references, areApart),
    count: () => several,
  }
}
