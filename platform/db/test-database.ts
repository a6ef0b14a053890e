import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { type OpenDb, openDb } from './db.js'
import { startTestPostgres, type TestPostgres, templateName } from './test-postgres.js'

/** Outside of a whole test run (a simulation, a benchmark) there is no server yet: one for this process. */
let own: Promise<TestPostgres> | undefined

async function serverConnection(): Promise<pg.ClientConfig> {
  const given = process.env['MORTISE_TEST_POSTGRES']
  if (given) return JSON.parse(given)
  own ??= startTestPostgres()
  return JSON.parse((await own).connection)
}

/** Kept: to prove a password took longer than to copy a database. It keeps no process alive. */
let admin: pg.Pool | undefined

async function asAdmin(statement: string): Promise<pg.ClientConfig> {
  const connection = await serverConnection()
  if (!admin) {
    admin = new pg.Pool({ ...connection, max: 1, allowExitOnIdle: true })
    admin.on('error', () => undefined)
  }
  await admin.query(statement)
  return connection
}

export interface TestDatabase extends OpenDb {
  connection: pg.ClientConfig
  /** Closes it and takes it away, whoever is still connected. */
  drop(): Promise<void>
}

/**
 * A new, empty, migrated database: a copy of the template, which takes about 20 ms. Its files are copied as they are: by way
 * of the log, as PostgreSQL does it unless told otherwise, it was three times as much work.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const server = await asAdmin(`create database ${name} template ${templateName} strategy file_copy`)
  const connection = { ...server, database: name }
  const open = openDb(connection, 12)
  return {
    ...open,
    connection,
    async drop() {
      await open.close()
      await asAdmin(`drop database if exists ${name} with (force)`)
    },
  }
}

/** Ends this process's own server, if it has one. */
export async function endTestDatabases(): Promise<void> {
  const ending = own
  own = undefined
  await admin?.end()
  admin = undefined
  await (await ending)?.stop()
}
