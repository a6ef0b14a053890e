import type pg from 'pg'

// COPY in both directions over `pg`, which knows the messages and leaves the streams to others.

interface Wire {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(message: string): void
  stream: { pause(): void; resume(): void; writableNeedDrain: boolean; once(event: string, done: () => void): void }
}

/** Rows that wait to be read; beyond this the server is told to wait. */
const waitingBytesMax = 1024 * 1024

/** What both need: one statement that is under way on a connection. */
abstract class Copying {
  protected wire: Wire | undefined
  protected error: Error | undefined
  protected ended = false
  private wake: () => void = () => undefined

  constructor(private readonly text: string) {}

  submit(wire: unknown): void {
    this.wire = wire as Wire
    this.wire.query(this.text)
  }
  handleError(error: Error): void {
    this.error = error
    this.ended = true
    this.changed()
  }
  handleReadyForQuery(): void {
    this.ended = true
    this.changed()
  }
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  protected changed(): void {
    this.wake()
  }
  protected async change(): Promise<void> {
    await new Promise<void>((done) => {
      this.wake = done
    })
  }
}

class Out extends Copying {
  private waiting: Buffer[] = []
  private bytes = 0

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    // A copy: the parser uses its buffer again.
    this.waiting.push(Buffer.from(chunk))
    this.bytes += chunk.length
    if (this.bytes > waitingBytesMax) this.wire?.stream.pause()
    this.changed()
  }

  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      const parts = this.waiting
      this.waiting = []
      this.bytes = 0
      this.wire?.stream.resume()
      if (parts.length) yield Buffer.concat(parts)
      else if (this.error) throw this.error
      else if (this.ended) return
      else await this.change()
    }
  }
}

class In extends Copying {
  private isReady = false

  handleCopyInResponse(): void {
    this.isReady = true
    this.changed()
  }

  async send(chunks: AsyncIterable<Buffer>): Promise<void> {
    while (!this.isReady && !this.ended) await this.change()
    const { wire } = this
    if (wire && this.isReady) {
      try {
        for await (const chunk of chunks) {
          if (this.error) break
          wire.sendCopyFromChunk(chunk)
          if (wire.stream.writableNeedDrain) await new Promise<void>((done) => wire.stream.once('drain', done))
        }
        wire.endCopyFrom()
      } catch (error) {
        wire.sendCopyFail('the source broke off')
        while (!this.ended) await this.change()
        throw error
      }
    }
    while (!this.ended) await this.change()
    if (this.error) throw this.error
  }
}

export interface Table {
  name: string
  /** Those that hold data; generated ones are left to the database. */
  columns: readonly string[]
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const listOf = (table: Table) => `${quoted(table.name)} (${table.columns.map(quoted).join(', ')})`

/** All rows of a table, in PostgreSQL's text form: a line each. */
export function copyOut(client: pg.Client, table: Table): AsyncGenerator<Buffer> {
  return (client.query(new Out(`copy ${listOf(table)} to stdout`) as never) as unknown as Out).rows()
}

/** Puts rows in that `copyOut` read. */
export async function copyIn(client: pg.Client, table: Table, chunks: AsyncIterable<Buffer>): Promise<void> {
  await (client.query(new In(`copy ${listOf(table)} from stdin`) as never) as unknown as In).send(chunks)
}

/** Tables that say nothing about the installation: which migrations ran, and which processes are alive. */
const ownTables = ['schema_migrations', 'processes']

/**
 * The tables in an order in which they can be filled: what others refer to comes first. References that are checked
 * only at the end of a transaction, and those of a table to itself, need no order.
 * @throws when that is impossible: then one of the references must be deferrable
 */
export async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows: tables } = await client.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attnum > 0
       and not a.attisdropped and a.attgenerated = '' and c.relname <> all($1)
     group by c.relname order by c.relname`,
    [ownTables],
  )
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to from pg_constraint k
     join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
     where k.contype = 'f' and not k.condeferrable and f.oid <> t.oid
       and k.connamespace = current_schema()::regnamespace`,
  )
  const ordered: Table[] = []
  const done = new Set<string>()
  while (ordered.length < tables.length) {
    const ready = tables.filter(
      ({ name }) => !done.has(name) && references.every(({ from, to }) => from !== name || done.has(to)),
    )
    if (ready.length === 0) throw new Error('the tables refer to each other in a circle')
    for (const table of ready) {
      ordered.push(table)
      done.add(table.name)
    }
  }
  return ordered
}

/** One look at everything, as of now, which nobody's writing disturbs. */
export async function beginSnapshot(client: pg.Client): Promise<void> {
  await client.query('begin isolation level repeatable read read only')
}

export async function listMigrations(client: pg.Client): Promise<{ number: number; name: string; digest: string }[]> {
  const { rows } = await client.query('select number, name, digest from schema_migrations order by number')
  return rows
}

/** How many rows of ours a database holds; none when it has not even tables. */
export async function countRows(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('accounts') is not null as there`)
  if (!rows[0]?.there) return 0
  const found = await client.query<{ count: string }>(
    'select (select count(*) from accounts) + (select count(*) from addons) + (select count(*) from events) as count',
  )
  return Number(found.rows[0]?.count ?? 0)
}

/** Processes that are alive on this database. */
export async function countAlive(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('processes') is not null as there`)
  if (!rows[0]?.there) return 0
  const found = await client.query<{ count: string }>(
    `select count(*) from processes where beat_at > now() - interval '20 seconds'`,
  )
  return Number(found.rows[0]?.count ?? 0)
}

/** Takes away all tables of the schema we work in. Types and functions of others stay. */
export async function dropTables(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I', relname) as name from pg_class
     where relnamespace = current_schema()::regnamespace and relkind = 'r'`,
  )
  if (rows.length) await client.query(`drop table ${rows.map(({ name }) => name).join(', ')} cascade`)
}

/** Empties what migrations filled, and puts the checks of references off to the end. */
export async function prepareTables(client: pg.Client, tables: readonly Table[]): Promise<void> {
  await client.query(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')} cascade`)
  await client.query('set constraints all deferred')
}

/** Numbers that tables give by themselves go on where the rows left off. */
export async function advanceSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `select format('%I', c.relname) as table, format('%I', a.attname) as column,
       pg_get_serial_sequence(format('%I', c.relname), a.attname) as sequence
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attidentity <> ''`,
  )
  for (const { table, column, sequence } of rows) {
    await client.query(`select setval($1, coalesce(max(${column}), 0) + 1, false) from ${table}`, [sequence])
  }
}

/**
 * What a restored installation must not take up by itself: nobody holds work any more; and debts at providers of the
 * first generation, who may have given the same id to somebody else since, wait for an operator.
 * @returns how many debts wait
 */
export async function settleRestored(client: pg.Client, reason: string): Promise<number> {
  for (const table of ['operations', 'debts', 'webhooks', 'builds', 'rolls']) {
    await client.query(`update ${table} set lease_until = null, epoch = epoch + 1 where lease_until is not null`)
  }
  const held = await client.query(
    `update debts d set state = 'stuck', next_at = null, reason = $1, epoch = d.epoch + 1 from addons a
     join addon_services s on s.id = a.service_id
     where a.id = d.addon_id and s.protocol = 'heroku-v1' and d.state in ('owed', 'watching')`,
    [reason],
  )
  return held.rowCount ?? 0
}

/** What the ledger knows to be at each provider: what an operator compares with the provider's own list. */
export async function knownResources(
  client: pg.Client,
): Promise<{ service: string; held: number; owed: number; newest: Date | null }[]> {
  const { rows } = await client.query(
    `select s.name as service, count(*) filter (where d.state in ('asked', 'held'))::int as held,
       count(*) filter (where d.state in ('owed', 'watching', 'stuck'))::int as owed, max(a.created_at) as newest
     from addon_services s left join addons a on a.service_id = s.id left join debts d on d.addon_id = a.id
     group by s.name order by s.name`,
  )
  return rows
}

export async function readKeyCheck(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ value: string }>(`select value from settings where name = 'master_key_check'`)
  return rows[0]?.value
}
