import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@mortise/postgres/server'
import { openDb } from './db.js'
import { migrate } from './migrate.js'

/** The database that tests' own databases are copied from. */
export const templateName = 'template_mortise'

export interface TestPostgres {
  /** The superuser's way in, as JSON: it goes through an environment variable. */
  connection: string
  stop(): Promise<void>
}

/** A PostgreSQL in a new folder, with a migrated template. It dies with this process, however that ends. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'mortise-test-db-'))
  // Durability is proven elsewhere (postgres/, bin/test-crash); here only speed counts.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' }
  const server = await startPostgres({ dir, settings })
  const admin = openDb(server.connection('postgres'), 1)
  await admin.pool.query(`create database ${templateName}`)
  await admin.close()
  const template = openDb(server.connection(templateName), 1)
  await migrate(template.db, new Date())
  // Nobody may be connected to a template while it is copied.
  await template.close()
  return {
    connection: JSON.stringify(server.connection('postgres')),
    async stop() {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
