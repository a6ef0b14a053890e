import { parseArgs } from 'node:util'
import { pushManifest } from '@mortise/provider/push'
import { slug } from './manifest.js'
import { startProvider } from './provider.js'

const usage = `Usage: node main.js --data-dir DIR --platform URL [--port P] [--host H] [--url URL]
                    [--database-url URL] [--client-secret-file FILE]
       node main.js --push --data-dir DIR --platform URL [--api-key KEY]   (or MORTISE_API_KEY)`

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      platform: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      url: { type: 'string' },
      'database-url': { type: 'string' },
      'client-secret-file': { type: 'string' },
      push: { type: 'boolean' },
      'api-key': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (flags.help) return void process.stdout.write(`${usage}\n`)
  const { 'data-dir': dir, platform = 'http://localhost:5055' } = flags
  if (!dir) throw new Error(`--data-dir is missing: say where the databases are kept.\n${usage}`)
  if (!URL.canParse(platform)) throw new Error('--platform must be a URL, such as http://localhost:5055.')
  if (flags.push) {
    const apiKey = flags['api-key'] ?? process.env.MORTISE_API_KEY
    if (!apiKey) throw new Error("--api-key is missing: pass the key of the service's owner.")
    return void process.stdout.write(`${await pushManifest({ dir, platform, apiKey })}\n`)
  }
  const running = await startProvider({
    dir,
    platform,
    port: portOf(flags.port),
    host: flags.host,
    url: flags.url,
    databaseUrl: flags['database-url'],
    clientSecretFile: flags['client-secret-file'],
  })
  process.stdout.write(`${slug} is ready at ${running.url}\n`)

  const reason = await Promise.race([signal(), running.lost])
  await running.stop()
  if (reason) throw new Error(reason)
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('--port must be a number from 1 to 65535.')
  return port
}

/** Resolves, with no reason, when someone wants us to end. */
function signal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(undefined))
  })
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  },
)
