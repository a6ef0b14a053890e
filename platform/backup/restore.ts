import fs from 'node:fs'
import path from 'node:path'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Tx } from '../db/db.js'
import { migrateIn, migrations } from '../db/migrate.js'
import {
  type BackupHead,
  type BackupSums,
  backupFormat,
  headName,
  kindOf,
  readArchive,
  readJson,
  type Sum,
  Summing,
} from './archive.js'
import * as store from './copy-store.js'
import { BrokenArchive, type TarEntry } from './tar.js'

/** Why nothing was restored, in a sentence; everything is as it was. */
export class RestoreRefused extends Error {}

export interface RestoreOptions {
  connection: pg.ClientConfig
  file: string
  /** Where slugs and sources go. */
  dataDir: string
  /** Whether what is there may go. */
  replace: boolean
  at: Date
  /** Whether the keys that will be used open the secrets of the restored tables. */
  opensSecrets(keyCheck: string, keysInArchive: string | null): boolean
}

export interface RestoreReport {
  head: BackupHead
  rows: number
  files: number
  /** The master keys that were in the archive. */
  masterKeys: string | null
  /** Debts at providers of the first generation, which wait for an operator. */
  debtsHeld: number
  known: Awaited<ReturnType<typeof store.knownResources>>
}

/**
 * Puts a backup back. The whole archive is read and held against its sums before anything is touched; then all tables
 * are filled in one transaction, so a restore that fails leaves what was there.
 * @throws RestoreRefused
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const { head, sums, masterKeys } = await verify(options.file)
  const client = new pg.Client({ ...options.connection, application_name: 'mortise restore' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const alive = await store.countAlive(client)
    if (alive) {
      throw new RestoreRefused(
        `${alive === 1 ? 'A process works' : `${alive} processes work`} on this database. Stop every one (GET /workers lists them) and wait 20 s.`,
      )
    }
    if (!options.replace && (await store.countRows(client))) {
      throw new RestoreRefused('There is an installation here already. Pass --replace to give it up for the backup.')
    }
    await client.query('begin')
    const held = await fill(client, head, options)
    const check = await store.readKeyCheck(client)
    if (check && !options.opensSecrets(check, masterKeys)) {
      throw new RestoreRefused(
        'The secrets in this backup were sealed with another master key. Put the master.key of that time into the data folder, or give it in MORTISE_MASTER_KEYS.',
      )
    }
    const files = await putFiles(options)
    await client.query('commit')
    const rows = Object.values(sums.tables).reduce((sum, table) => sum + table.rows, 0)
    return { head, rows, files, masterKeys, debtsHeld: held, known: await store.knownResources(client) }
  } finally {
    // Whatever was not committed is as it was.
    await client.end()
  }
}

/** Reads everything once. @throws RestoreRefused when the archive is not whole, or not for this program */
export async function verify(file: string): Promise<{ head: BackupHead; sums: BackupSums; masterKeys: string | null }> {
  let head: { value: BackupHead; sum: Sum } | undefined
  let sums: BackupSums | undefined
  let masterKeys: string | null = null
  const tables = new Map<number, Summing>()
  const files = new Map<string, Sum>()
  try {
    for await (const entry of readArchive(file)) {
      const what = kindOf(entry.name)
      if (!head && what.kind !== 'head') throw new BrokenArchive(`it does not begin with ${headName}`)
      if (what.kind === 'head') {
        head = await readJson<BackupHead>(entry)
        checkHead(head.value)
      } else if (what.kind === 'sums') sums = (await readJson<BackupSums>(entry)).value
      else if (what.kind === 'table') {
        const summing = tables.get(what.number) ?? new Summing()
        tables.set(what.number, summing)
        for await (const part of entry.read()) summing.add(part)
      } else {
        const summing = new Summing()
        const parts: Buffer[] = []
        for await (const part of entry.read()) {
          summing.add(part)
          if (what.kind === 'key') parts.push(part)
        }
        if (what.kind === 'key') masterKeys = Buffer.concat(parts).toString('utf8')
        files.set(entry.name, summing.sum())
      }
    }
    if (!head || !sums) throw new BrokenArchive('its end is missing')
    checkSums(head, sums, tables, files)
  } catch (error) {
    if (error instanceof BrokenArchive) {
      throw new RestoreRefused(`${file} is not a whole backup: ${error.message}. Nothing was changed.`, {
        cause: error,
      })
    }
    throw error
  }
  return { head: head.value, sums, masterKeys }
}

function checkHead(head: BackupHead): void {
  const isNewer = `This backup was made by Mortise ${head.version}, which is newer than this one. Use that version.`
  if (head.format !== backupFormat) throw new RestoreRefused(isNewer)
  const known = new Map(migrations().map(({ number, digest }) => [number, digest]))
  if (head.migrations.some(({ number, digest }) => known.get(number) !== digest)) throw new RestoreRefused(isNewer)
}

function checkSums(
  head: { value: BackupHead; sum: Sum },
  sums: BackupSums,
  tables: Map<number, Summing>,
  files: Map<string, Sum>,
): void {
  const differs = (a: Sum | undefined, b: Sum | undefined) => a?.sha256 !== b?.sha256 || a?.bytes !== b?.bytes
  if (differs(head.sum, sums.head)) throw new BrokenArchive(`${headName} does not match its sum`)
  for (const [number, { name }] of head.value.tables.entries()) {
    const found = tables.get(number) ?? new Summing()
    if (differs(found.sum(), sums.tables[name]) || found.rows !== sums.tables[name]?.rows) {
      throw new BrokenArchive(`the table ${name} does not match its sum`)
    }
  }
  const names = new Set([...files.keys(), ...Object.keys(sums.files)])
  for (const name of names) {
    if (differs(files.get(name), sums.files[name])) throw new BrokenArchive(`${name} does not match its sum`)
  }
}

/** Old tables go, those of the backup's time are made, filled, and brought up to date: all in the open transaction. */
async function fill(client: pg.Client, head: BackupHead, { file, at }: RestoreOptions): Promise<number> {
  const tx = onClient(client)
  await store.dropTables(client)
  // By number, one by one: a version may have known 0055 and not yet 0052.
  const then = new Set(head.migrations.map(({ number }) => number))
  await migrateIn(
    tx,
    at,
    migrations().filter(({ number }) => then.has(number)),
  )
  await store.prepareTables(client, head.tables)
  for await (const { number, parts } of tablesIn(file)) {
    const table = head.tables[number]
    if (!table) throw new Error(`there is no table number ${number}`)
    await store.copyIn(client, table, parts)
  }
  await store.advanceSequences(client)
  // Checks of references that were put off come now: a later migration may not alter a table that waits for them.
  await client.query('set constraints all immediate')
  await migrateIn(tx, at, migrations())
  return store.settleRestored(
    client,
    `the installation was restored from a backup of ${head.madeAt}: another customer may have this id by now. Look at the provider, then retry or forget it`,
  )
}

/** The parts of each table as one stream, in the archive's order. */
async function* tablesIn(file: string): AsyncGenerator<{ number: number; parts: AsyncGenerator<Buffer> }> {
  const entries = readArchive(file)
  let next: { number: number; entry: TarEntry } | undefined

  async function advance(): Promise<void> {
    next = undefined
    for (let step = await entries.next(); !step.done; step = await entries.next()) {
      const what = kindOf(step.value.name)
      if (what.kind !== 'table') continue
      next = { number: what.number, entry: step.value }
      return
    }
  }

  await advance()
  while (next) {
    const { number } = next
    async function* parts(): AsyncGenerator<Buffer> {
      while (next?.number === number) {
        yield* next.entry.read()
        await advance()
      }
    }
    yield { number, parts: parts() }
  }
}

async function putFiles({ file, dataDir }: RestoreOptions): Promise<number> {
  let count = 0
  for await (const entry of readArchive(file)) {
    const what = kindOf(entry.name)
    if (what.kind !== 'file') continue
    const folder = path.join(dataDir, what.folder)
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    const half = path.join(folder, `${what.file}.half`)
    await fs.promises.writeFile(half, entry.read(), { mode: 0o600, flush: true })
    fs.renameSync(half, path.join(folder, what.file))
    count++
  }
  return count
}

/** Our one connection as what stores and migrations take, inside the transaction that is open on it. */
function onClient(client: pg.Client): Tx {
  const lent = { query: client.query.bind(client), release: () => undefined }
  const pool = { connect: async () => lent, end: async () => undefined }
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pool as never }) }) as unknown as Tx
}
