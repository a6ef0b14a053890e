import { realWorld } from '../world/world.js'
import { joinDataFolder, openDataFolder } from './data-folder.js'
import { embeddedDatabase, externalDatabase } from './database.js'
import { StartFailed } from './failure.js'
import { openFront } from './front.js'
import { openLog } from './log.js'
import { readOptions, type ServerOptions, usage } from './options.js'
import { startPlatform } from './platform.js'
import { cautions, refuseUnsafe } from './unsafe.js'
import { version } from './version.js'

/** Whoever stops us waits 10 s before killing; what can't end by itself in this time is cut. */
const stopMsMax = 9_500

/** What must be undone when we end, last first. */
type Undo = () => Promise<void> | void

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env)
  if (options === 'help') return void process.stdout.write(usage)
  if (options === 'version') return void process.stdout.write(`mortise ${version()}\n`)
  const undo: Undo[] = []
  const ending = endOnSignals(undo)
  try {
    const url = await start(options, undo, ending)
    if (!ending.begun) process.stdout.write(`Mortise is ready at ${url}\n`)
  } catch (error) {
    if (ending.begun) return
    await undoAll(undo)
    throw error
  }
}

async function start(options: ServerOptions, undo: Undo[], ending: Ending): Promise<string> {
  const world = realWorld
  const runsApps = options.role === 'all'
  refuseUnsafe(options)
  if (!runsApps && !options.databaseUrl) {
    throw new StartFailed(
      `A process of role ${options.role} works on the database of the others. Pass --database-url, or leave out --role.`,
      2,
    )
  }
  const folder = runsApps
    ? openDataFolder(options.dataDir, options.masterKeys)
    : joinDataFolder(options.dataDir, options.masterKeys, options.role)
  undo.push(folder.release)
  const log = openLog(folder.log)
  undo.push(log.close)
  for (const caution of cautions(options)) {
    log.info(caution)
    console.error(`mortise: ${caution}`)
  }
  // Before the database, which takes a second: a taken port is said at once.
  const front = await openFront(options.port, options.host)
  undo.push(front.close)
  const database = options.databaseUrl
    ? await externalDatabase(options.databaseUrl, world)
    : await embeddedDatabase(folder.postgres, world, log.info)
  undo.push(database.stop, () => closeSoon(database.close()))
  process.on('unhandledRejection', (error) => log.fault(error, 'a promise that nobody waits for'))
  process.on('uncaughtException', (error) => {
    // What state we are in is unknown now; what was committed is kept, and a new start picks it up.
    log.fault(error, 'an exception that nobody caught; stopping')
    ending.end(1)
  })
  const platform = await startPlatform({ ...options, version: version(), folder, database, front, log, world })
  undo.push(platform.stop)
  void database.lost.then((reason) => {
    if (ending.begun) return
    console.error(`mortise: the database ${reason}. See postgres/postgres.log in the data folder. Stopping.`)
    ending.end(1)
  })
  void platform.displaced.then((reason) => {
    if (ending.begun) return
    console.error(`mortise: ${reason}. Stopping.`)
    ending.end(1)
  })
  return platform.url
}

interface Ending {
  begun: boolean
  end(code: number): void
}

/** The first signal ends everything in order; a second one ends this process at once. */
function endOnSignals(undo: Undo[]): Ending {
  const ending: Ending = {
    begun: false,
    end(code) {
      if (ending.begun) process.exit(code || 1)
      ending.begun = true
      setTimeout(() => {
        console.error(`mortise: could not stop in order within ${stopMsMax / 1000} s; what was committed is kept.`)
        process.exit(1)
      }, stopMsMax).unref()
      undoAll(undo).then(() => process.exit(code))
    },
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.end(0))
  return ending
}

async function undoAll(undo: Undo[]): Promise<void> {
  for (let last = undo.pop(); last; last = undo.pop()) {
    try {
      await last()
    } catch (error) {
      console.error(`mortise: while stopping: ${error instanceof Error ? error.message : error}`)
    }
  }
}

/** A question that never ends would hold the pool for ever. */
async function closeSoon(closing: Promise<void>): Promise<void> {
  await Promise.race([closing, new Promise((done) => setTimeout(done, 1_000).unref())])
}

main().catch((error) => {
  if (error instanceof StartFailed) {
    console.error(`mortise: ${error.message}`)
    process.exit(error.exitCode)
  }
  console.error('mortise: could not start, and this is a fault of ours:')
  console.error(error)
  process.exit(1)
})
