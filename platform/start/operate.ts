import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { exitCodeOf, findingLines } from '@mortise/contract/finding'
import { takeLock } from '@mortise/postgres/lock'
import type pg from 'pg'
import { backUp } from '../backup/backup.js'
import { RestoreRefused, type RestoreReport, restore } from '../backup/restore.js'
import { openDb } from '../db/db.js'
import { lastBackupSetting } from '../doctor/database.js'
import { examine } from '../doctor/doctor.js'
import { type MasterKeys, masterKeysIn, parseMasterKeys } from '../secrets/keys.js'
import { createSecrets, type Secrets } from '../secrets/seal.js'
import { realWorld } from '../world/world.js'
import { StartFailed } from './failure.js'
import { keyCheckContext, readPlace } from './installation.js'
import { writeSetting } from './installation-store.js'
import { databaseUrl, dataDirIn } from './options.js'
import { reachDatabase } from './reach-database.js'
import { rotateKeys } from './rotate.js'

/** Commands for whoever runs the installation, beside the server: they work on its data folder and its database. */
const usage = {
  backup: `Usage: mortise backup FILE [--with-key] [--without-files] [--data-dir DIR] [--database-url URL]

Writes everything the installation knows into FILE, whole or not at all, while it goes on working.

  --with-key        Put the master key into it: then whoever has FILE can read every secret.
  --without-files   Leave out slugs and sources; apps must be deployed again after a restore.
`,
  restore: `Usage: mortise restore FILE [--replace] [--data-dir DIR] [--database-url URL]

Puts a backup back, whole or not at all. The server must be stopped.

  --replace         Give up what is there.
`,
  doctor: `Usage: mortise doctor --server [--data-dir DIR] [--database-url URL] [--ca FILE] [--json]

Looks at an installation on the server's machine: folder, disk, keys, database, clocks, processes, what is stuck, the way
by its public address, and the age of the last backup. Changes nothing. Exit code 1 when something needs you.

  --ca FILE         Trust this certificate too when the public address is tried.
  --json            The findings as JSON.
`,
  'keys:rotate': `Usage: mortise keys:rotate [--data-dir DIR] [--database-url URL]

Replaces the master key while the server works, and rewraps everything that the old one sealed. May be interrupted and
run again.
`,
} as const

export type Command = keyof typeof usage

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** @returns the exit code; 0, 1 when it could not be done (a sentence on stderr says why), 2 for wrong usage */
export async function operate(command: Command, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Whoever reads our lines may have read enough (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  try {
    const given = parse(command, args)
    if (given.values.help) {
      process.stdout.write(usage[command])
      return 0
    }
    const dataDir = dataDirIn(given.values['data-dir'], env)
    const url = databaseUrl(given.values['database-url'] ?? (env['MORTISE_DATABASE_URL'] || null))
    const keys = env['MORTISE_MASTER_KEYS'] || null
    const [file, ...more] = given.positionals
    if (command === 'doctor') {
      if (file) throw new StartFailed('There is nothing to name. See: mortise doctor --server --help', 2)
      return await runDoctor(dataDir, url, keys, given.values)
    }
    if (command === 'keys:rotate') {
      if (file) throw new StartFailed('There is nothing to name. See: mortise keys:rotate --help', 2)
      await runRotation(dataDir, url, keys)
      return 0
    }
    if (!file || more.length) throw new StartFailed(`One FILE is needed. See: mortise ${command} --help`, 2)
    if (command === 'backup') await runBackup(path.resolve(file), dataDir, url, keys, given.values)
    else await runRestore(path.resolve(file), dataDir, url, keys, given.values.replace ?? false)
    return 0
  } catch (error) {
    if (error instanceof StartFailed || error instanceof RestoreRefused) {
      console.error(`mortise: ${error.message}`)
      return error instanceof StartFailed ? error.exitCode : 1
    }
    console.error(`mortise: ${error instanceof Error ? error.message : error}`)
    return 1
  }
}

function parse(command: Command, args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'data-dir': { type: 'string' },
        'database-url': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        ...(command === 'doctor'
          ? { server: { type: 'boolean' }, json: { type: 'boolean' }, ca: { type: 'string' } }
          : {}),
        ...(command === 'backup' ? { 'with-key': { type: 'boolean' }, 'without-files': { type: 'boolean' } } : {}),
        ...(command === 'restore' ? { replace: { type: 'boolean' } } : {}),
      } as {
        'data-dir': { type: 'string' }
        'database-url': { type: 'string' }
        help: { type: 'boolean'; short: 'h' }
        'with-key': { type: 'boolean' }
        'without-files': { type: 'boolean' }
        replace: { type: 'boolean' }
        json: { type: 'boolean' }
        ca: { type: 'string' }
      },
    })
  } catch (error) {
    throw new StartFailed(`${(error as Error).message.split('. ')[0]}. See: mortise ${command} --help`, 2)
  }
}

async function runBackup(
  file: string,
  dataDir: string,
  url: string | null,
  keys: string | null,
  flags: { 'with-key'?: boolean; 'without-files'?: boolean },
): Promise<void> {
  if (!url) requireInstallation(dataDir)
  const keyFile = path.join(dataDir, 'master.key')
  if (flags['with-key'] && !keys && !fs.existsSync(keyFile)) {
    throw new StartFailed(`There is no master key in ${dataDir}. Give it in MORTISE_MASTER_KEYS.`)
  }
  const database = await reachDatabase(dataDir, url)
  try {
    const report = await backUp({
      connection: database.connection,
      file,
      version: version(),
      at: realWorld.now(),
      filesOf: flags['without-files'] ? null : dataDir,
      masterKeys: flags['with-key'] ? (keys ?? fs.readFileSync(keyFile, 'utf8')) : null,
    })
    say(`${file}: ${report.rows} rows of ${report.tables} tables, ${report.files} files, ${report.bytes} bytes.`)
    await rememberBackup(database.connection)
    if (flags['with-key']) say('The master key is in it: keep it as you would keep every secret of every app.')
    else say('The master key is not in it: keep a copy of that elsewhere, or the secrets in it can never be read.')
  } finally {
    await database.close()
  }
}

/** For `mortise doctor`; a database that can be read and not written is worth backing up too. */
async function rememberBackup(connection: pg.ClientConfig): Promise<void> {
  const open = openDb(connection, 1)
  await writeSetting(open.db, lastBackupSetting, realWorld.now().toISOString()).catch(() => undefined)
  await open.close()
}

async function runDoctor(
  dataDir: string,
  url: string | null,
  keys: string | null,
  flags: { json?: boolean; ca?: string },
): Promise<number> {
  const findings = await examine({
    world: realWorld,
    version: version(),
    dataDir,
    hasOwnKeys: keys !== null,
    secrets: secretsIn(dataDir, keys),
    ca: flags.ca === undefined ? undefined : fs.readFileSync(flags.ca, 'utf8'),
    async reach() {
      if (!url) requireInstallation(dataDir)
      const database = await reachDatabase(dataDir, url)
      const open = openDb(database.connection, 2)
      return {
        db: open.db,
        async close() {
          await open.close()
          await database.close()
        },
      }
    },
    openCheck: (secrets, sealed) => void secrets.open(Buffer.from(sealed, 'base64'), keyCheckContext),
    urlOf: async (db) => (await readPlace(db).catch(() => null))?.origin ?? null,
  })
  if (flags.json) say(JSON.stringify(findings, null, 2))
  else for (const line of findingLines(findings)) say(line)
  return exitCodeOf(findings)
}

function secretsIn(dataDir: string, keys: string | null): Secrets | null {
  const file = path.join(dataDir, 'master.key')
  try {
    return createSecrets(parseMasterKeys(keys ?? fs.readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

async function runRestore(
  file: string,
  dataDir: string,
  url: string | null,
  keys: string | null,
  replace: boolean,
): Promise<void> {
  if (!fs.existsSync(file)) throw new StartFailed(`There is no file ${file}.`)
  fs.mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const release = lockFolder(dataDir)
  try {
    const database = await reachDatabase(dataDir, url)
    try {
      const keyFile = path.join(dataDir, 'master.key')
      const own = keys ?? (fs.existsSync(keyFile) ? fs.readFileSync(keyFile, 'utf8') : null)
      const report = await restore({
        connection: database.connection,
        file,
        dataDir,
        replace,
        at: realWorld.now(),
        opensSecrets(check, inArchive) {
          const text = own ?? inArchive
          return text !== null && opens(parseMasterKeys(text), check)
        },
      })
      if (own === null && report.masterKeys !== null) writeKey(keyFile, report.masterKeys)
      tell(report)
    } finally {
      await database.close()
    }
  } finally {
    release()
  }
}

async function runRotation(dataDir: string, url: string | null, keys: string | null): Promise<void> {
  const file = path.join(dataDir, 'master.key')
  if (!keys && !fs.existsSync(file)) {
    throw new StartFailed(`There is no master key in ${dataDir}. Pass the installation's --data-dir.`)
  }
  const database = await reachDatabase(dataDir, url)
  const open = openDb(database.connection, 2)
  try {
    const masters = keys ? parseMasterKeys(keys) : masterKeysIn(file)
    await rotateKeys({ db: open.db, masters, file: keys ? null : file, say })
  } finally {
    await open.close()
    await database.close()
  }
}

function opens(keys: MasterKeys, check: string): boolean {
  try {
    createSecrets(keys).open(Buffer.from(check, 'base64'), keyCheckContext)
    return true
  } catch {
    return false
  }
}

function writeKey(file: string, text: string): void {
  const half = `${file}.half`
  fs.writeFileSync(half, text, { mode: 0o600, flag: 'wx', flush: true })
  fs.renameSync(half, file)
}

/** What an operator must know now: the backup is older than the world. */
function tell({ head, rows, files, debtsHeld, known }: RestoreReport): void {
  say(`Restored the backup of ${head.madeAt}: ${rows} rows, ${files} files.`)
  say('What was ordered, changed or removed after that moment is not known here. Nothing will be deleted at a provider')
  say("that this installation does not know of. Compare each provider's own list with what is known:")
  for (const { service, held, owed, newest } of known) {
    const last = newest ? `, the newest of ${newest.toISOString()}` : ''
    say(`  ${service}: ${held} resources, ${owed} to be removed${last}`)
  }
  if (debtsHeld) {
    say(`${debtsHeld} removals at providers of the first generation wait for you, since their ids may be in use again.`)
  }
  say('Start the server now.')
}

function requireInstallation(dataDir: string): void {
  if (!fs.existsSync(path.join(dataDir, 'postgres'))) {
    throw new StartFailed(`There is no installation in ${dataDir}. Pass its --data-dir, or --database-url.`)
  }
}

function lockFolder(dataDir: string): () => void {
  try {
    return takeLock(dataDir)
  } catch (cause) {
    const pid = /process (\d+)/.exec((cause as Error).message)?.[1]
    throw new StartFailed(
      `The data folder ${dataDir} is in use${pid ? ` by process ${pid}` : ''}. Stop the server first.`,
      1,
      { cause },
    )
  }
}

export function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(fs.readFileSync(file, 'utf8')).version
}
