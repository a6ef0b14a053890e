import { type Finding, ok, problem, warning } from '@mortise/contract/finding'
import type { Db } from '../db/db.js'
import { migrations } from '../db/migrate.js'
import type { Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'
import * as store from './store.js'

/** Leases are on the database's clock and the rest on ours: beyond this, what is due is late or early. */
export const skewMsMax = 5_000
/** Beyond so many days without a backup. */
export const backupDaysMax = 7
const postgresMajorMin = 15

/** The database: the right version and tables, the same time as here, and secrets that our key opens. */
export async function lookAtDatabase(
  db: Db,
  world: World,
  secrets: Secrets | null,
  openCheck: (secrets: Secrets, sealed: string) => void,
): Promise<Finding[]> {
  const server = await store.serverFacts(db)
  const major = Math.floor(server.version / 10_000)
  if (major < postgresMajorMin) {
    const next = 'Upgrade the database, or leave out --database-url.'
    return [problem('database', `It is PostgreSQL ${major}; ${postgresMajorMin} or newer is needed.`, next)]
  }
  const schema = await lookAtSchema(db)
  const found = [
    ok('database', `PostgreSQL ${major} answers, ${server.used} of ${server.most} connections are in use.`),
    ...(server.used > server.most * 0.9
      ? [
          warning(
            'database connections',
            `${server.used} of ${server.most} connections are in use.`,
            'Raise max_connections, or run fewer processes.',
          ),
        ]
      : []),
    schema,
    lookAtClock(server.now, world.now()),
  ]
  if (schema.state === 'problem') return found
  return [...found, await lookAtKey(db, secrets, openCheck), await lookAtBackup(db, world)]
}

async function lookAtSchema(db: Db): Promise<Finding> {
  const applied = await store.appliedMigrations(db)
  const known = migrations().map(({ number }) => number)
  const missing = known.filter((number) => !applied.includes(number))
  const ahead = applied.filter((number) => !known.includes(number))
  if (ahead.length) {
    const next = 'Use the program that the server runs.'
    return problem('schema', `A newer Mortise (schema ${Math.max(...ahead)}) wrote these tables.`, next)
  }
  if (applied.length === 0) {
    return problem('schema', 'This database was never used by Mortise.', 'Check the address, or start the server once.')
  }
  if (missing.length) {
    return warning(
      'schema',
      `${missing.length} changes of the tables wait for the next start.`,
      'Restart the server: it brings them up to date.',
    )
  }
  return ok('schema', `The tables are up to date (${Math.max(...applied)}).`)
}

function lookAtClock(there: Date, here: Date): Finding {
  const skewMs = there.getTime() - here.getTime()
  const said = `The database's clock is ${Math.abs(Math.round(skewMs / 1000))} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine's.`
  if (Math.abs(skewMs) <= skewMsMax) return ok('clock', 'This machine and the database tell the same time.')
  return problem('clock', said, 'Let both machines follow a time server (timedatectl set-ntp true).')
}

async function lookAtKey(
  db: Db,
  secrets: Secrets | null,
  openCheck: (secrets: Secrets, sealed: string) => void,
): Promise<Finding> {
  const sealed = await store.readText(db, 'master_key_check')
  const next = 'Use the data folder that this database was made with, or give its keys in MORTISE_MASTER_KEYS.'
  if (!secrets) return problem('master key', 'There is no master key, so no secret can be read.', next)
  if (sealed === null)
    return warning('master key', 'Nothing was sealed in this database yet.', 'Start the server once.')
  try {
    openCheck(secrets, sealed)
    return ok('master key', 'It opens what was sealed in this database.')
  } catch {
    return problem('master key', 'It does not open what was sealed in this database.', next)
  }
}

async function lookAtBackup(db: Db, world: World): Promise<Finding> {
  const at = await store.readText(db, lastBackupSetting)
  const next = 'Run: mortise backup FILE, and let a timer do it each night. See docs/operating/backup.md.'
  if (at === null) return warning('backup', 'This installation was never backed up with mortise backup.', next)
  const days = Math.floor((world.now().getTime() - new Date(at).getTime()) / 86_400_000)
  if (days > backupDaysMax) return warning('backup', `The last backup is ${days} days old.`, next)
  return ok('backup', `The last backup is of ${at}.`)
}

/** When the last backup of this installation was written, as ISO 8601. */
export const lastBackupSetting = 'last_backup'
