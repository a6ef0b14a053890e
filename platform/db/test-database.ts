import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PostgresServer, startPostgres } from '@mortise/postgres/server'
import pg from 'pg'
import { type OpenDb, openDb } from './db.js'
import { migrate } from './migrate.js'

/** One PostgreSQL for a test run; each test file clones a migrated template, which takes about 50 ms. */
let shared: Promise<{ server: PostgresServer; dir: string }> | undefined

async function server(): Promise<PostgresServer> {
  shared ??= (async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mortise-test-db-'))
    // Durability is proven elsewhere (postgres/, bin/test-crash); here only speed counts.
    const started = await startPostgres({
      dir,
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
    })
    const template = openDb(started.connection('postgres'), 1)
    await template.pool.query('create database template_mortise')
    await template.close()
    const fresh = openDb(started.connection('template_mortise'), 1)
    await migrate(fresh.db, new Date())
    await fresh.close()
    return { server: started, dir }
  })()
  return (await shared).server
}

export interface TestDatabase extends OpenDb {
  connection: pg.ClientConfig
  drop(): Promise<void>
}

/** A new, empty, migrated database. */
export async function testDatabase(): Promise<TestDatabase> {
  const running = await server()
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = new pg.Client(running.connection('postgres'))
  await admin.connect()
  await admin.query(`create database ${name} template template_mortise`)
  await admin.end()
  const open = openDb(running.connection(name), 12)
  return {
    ...open,
    connection: running.connection(name),
    async drop() {
      await open.close()
    },
  }
}

/** Ends the shared server; the test run's own end does it too, since it dies with its parent. */
export async function endTestDatabases(): Promise<void> {
  const ending = shared
  shared = undefined
  if (!ending) return
  const { server: running, dir } = await ending
  await running.stop()
  rmSync(dir, { recursive: true, force: true })
}
