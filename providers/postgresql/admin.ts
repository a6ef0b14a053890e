import { readFileSync } from 'node:fs'
import pg from 'pg'

/** The superuser's way into the server: the management tables, and each database as far as needed. */
export interface Admin {
  pool: pg.Pool
  claims: pg.Pool
  /** Host and port as customers reach them. */
  host: string
  port: number
  /** One errand in a customer's database, on a connection of its own. */
  inside<T>(database: string, errand: (client: pg.Client) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens the management database and brings its tables up to date.
 * @param url of the management database, as a role that may create roles and databases
 */
export async function openAdmin(url: string, log: (text: string) => void): Promise<Admin> {
  // A lost idle connection is replaced by the pool; without a listener it would end the process.
  const opened = (max: number) => new pg.Pool({ connectionString: url, max }).on('error', (error) => log(error.message))
  const pool = opened(10)
  const claims = opened(20)
  const { hostname, port } = new URL(url)
  await pool.query(readFileSync(new URL('./schema.sql', import.meta.url), 'utf8'))
  return {
    pool,
    claims,
    host: hostname,
    port: Number(port || 5432),
    async inside(database, errand) {
      const there = new URL(url)
      there.pathname = `/${encodeURIComponent(database)}`
      // The customer can make functions and operators in this database. With this path the superuser never finds
      // them, so they cannot borrow its rights. See CVE-2018-1058.
      const client = new pg.Client({
        connectionString: there.href,
        options: '-c search_path=pg_catalog -c statement_timeout=20000 -c lock_timeout=5000',
      })
      client.on('error', (error) => log(error.message))
      await client.connect()
      try {
        return await errand(client)
      } finally {
        await client.end()
      }
    },
    async close() {
      await Promise.all([pool.end(), claims.end()])
    },
  }
}
