import fs from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import {
  type BackupHead,
  type BackupSums,
  backupFormat,
  headName,
  keyName,
  partName,
  Summing,
  sumsName,
  tarFile,
  writeArchive,
} from './archive.js'
import { beginSnapshot, copyOut, listMigrations, listTables } from './copy-store.js'

export interface BackupOptions {
  connection: pg.ClientConfig
  /** The archive; made whole or not at all, readable by its owner only. */
  file: string
  version: string
  at: Date
  /** The data folder whose slugs and sources go along; null leaves them out. */
  filesOf: string | null
  /** The master keys as text; null leaves them out, so that the archive alone opens no secret. */
  masterKeys: string | null
}

export interface BackupReport {
  rows: number
  tables: number
  files: number
  bytes: number
}

/** Rows of a table that go into one file of the archive. */
const partBytes = 4 * 1024 * 1024

/**
 * Writes everything that an installation knows into one file, while it goes on working: all tables as they were at one
 * moment. Memory does not grow with the data.
 */
export async function backUp(options: BackupOptions): Promise<BackupReport> {
  const client = new pg.Client({ ...options.connection, application_name: 'mortise backup' })
  client.on('error', () => undefined)
  await client.connect()
  const report: BackupReport = { rows: 0, tables: 0, files: 0, bytes: 0 }
  try {
    await beginSnapshot(client)
    await writeArchive(options.file, partsOf(client, options, report))
  } finally {
    await client.end()
  }
  return { ...report, bytes: fs.statSync(options.file).size }
}

async function* partsOf(client: pg.Client, options: BackupOptions, report: BackupReport): AsyncGenerator<Buffer> {
  const { at, filesOf, masterKeys } = options
  const tables = await listTables(client)
  const sums: BackupSums = { head: { bytes: 0, sha256: '' }, tables: {}, files: {} }
  const text = async function* (name: string, content: string) {
    const bytes = Buffer.from(content)
    yield* tarFile(name, bytes.length, at, [bytes])
  }

  const head: BackupHead = {
    format: backupFormat,
    madeAt: at.toISOString(),
    version: options.version,
    migrations: await listMigrations(client),
    tables: tables.map(({ name, columns }) => ({ name, columns: [...columns] })),
    hasFiles: filesOf !== null,
    hasKey: masterKeys !== null,
  }
  const headText = JSON.stringify(head, null, 1)
  const ofHead = new Summing()
  ofHead.add(Buffer.from(headText))
  sums.head = ofHead.sum()
  yield* text(headName, headText)

  for (const [number, table] of tables.entries()) {
    const summing = new Summing()
    let part = 0
    for await (const bytes of inParts(copyOut(client, table))) {
      summing.add(bytes)
      yield* tarFile(partName(number, part++), bytes.length, at, [bytes])
    }
    sums.tables[table.name] = { ...summing.sum(), rows: summing.rows }
    report.rows += summing.rows
    report.tables++
  }

  for (const name of filesOf ? filesIn(filesOf) : []) {
    const summing = new Summing()
    const stream = await opened(path.join(filesOf ?? '', name))
    // Removed since we listed it: then the tables of a later moment know nothing of it either.
    if (!stream) continue
    yield* tarFile(`files/${name}`, stream.size, at, counted(stream.content, summing))
    sums.files[`files/${name}`] = summing.sum()
    report.files++
  }
  if (masterKeys !== null) {
    const summing = new Summing()
    summing.add(Buffer.from(masterKeys))
    sums.files[keyName] = summing.sum()
    yield* text(keyName, masterKeys)
  }
  yield* text(sumsName, JSON.stringify(sums, null, 1))
}

async function* inParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    waiting.push(chunk)
    bytes += chunk.length
    if (bytes < partBytes) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
  }
  if (bytes) yield Buffer.concat(waiting)
}

/** Whole files only; halves of uploads and builds have other names. */
function filesIn(dir: string): string[] {
  return ['slugs', 'sources'].flatMap((folder) => {
    const names = fs.existsSync(path.join(dir, folder)) ? fs.readdirSync(path.join(dir, folder)) : []
    return names.filter((name) => /^[0-9a-f-]{36}\.tgz$/.test(name)).map((name) => `${folder}/${name}`)
  })
}

async function opened(file: string): Promise<{ size: number; content: AsyncIterable<Buffer> } | null> {
  try {
    const handle = await fs.promises.open(file, 'r')
    const { size } = await handle.stat()
    return { size, content: handle.createReadStream() as AsyncIterable<Buffer> }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function* counted(content: AsyncIterable<Buffer>, summing: Summing): AsyncGenerator<Buffer> {
  for await (const part of content) {
    summing.add(part)
    yield part
  }
}
