import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
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

/**
 * A test's database is some eight hundred files that nobody wants to keep. To copy them within memory took a tenth of the
 * time that it took on a disk, which was most of what many a test did.
 */
const memoryFolder = '/dev/shm'
/** Less than that (a container has 64 MB unless told otherwise), and the databases of a whole run might not fit. */
const memoryBytesMin = 2 * 1024 ** 3
const folderName = 'mortise-test-db-'

/** A PostgreSQL in a new folder, with a migrated template. It dies with this process, however that ends. */
export async function startTestPostgres(): Promise<TestPostgres> {
  removeLeftovers()
  const dir = mkdtempSync(join(hasMemory() ? memoryFolder : tmpdir(), `${folderName}${process.pid}-`))
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

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memoryFolder)
    return bavail * bsize >= memoryBytesMin
  } catch {
    return false
  }
}

/** What runs that were killed left behind: in memory it would stay there until the machine is started anew. */
export function removeLeftovers(): void {
  for (const folder of new Set([memoryFolder, tmpdir()])) {
    for (const name of listed(folder)) {
      const pid = new RegExp(`^${folderName}(\\d+)-`).exec(name)?.[1]
      if (pid && !isAlive(Number(pid))) rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's lives, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
