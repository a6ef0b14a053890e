import { parseArgs } from 'node:util'
import { pushManifest } from '@mortise/provider/push'
import { slug } from './manifest.js'
import { startExceptions } from './provider.js'

const usage = `Usage: node main.js --data-dir DIR --platform URL [--port P] [--url URL]
       node main.js --push --data-dir DIR --platform URL [--api-key KEY]   (or MORTISE_API_KEY)`

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      platform: { type: 'string', default: 'http://localhost:5055' },
      port: { type: 'string' },
      url: { type: 'string' },
      push: { type: 'boolean' },
      'api-key': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (flags.help) return void process.stdout.write(`${usage}\n`)
  const { 'data-dir': dir, platform } = flags
  if (!dir) throw new Error(`--data-dir is missing: say where the accounts are kept.\n${usage}`)
  if (!URL.canParse(platform)) throw new Error('--platform must be a URL, such as http://localhost:5055.')
  if (flags.push) {
    const apiKey = flags['api-key'] ?? process.env.MORTISE_API_KEY
    if (!apiKey) throw new Error("--api-key is missing: pass the key of the service's owner.")
    return void process.stdout.write(`${await pushManifest({ dir, platform, apiKey })}\n`)
  }
  const port = flags.port === undefined ? undefined : Number(flags.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new Error('--port must be a number from 1 to 65535.')
  }
  const running = await startExceptions({ dir, platform, port, url: flags.url })
  process.stdout.write(`${slug} is ready at ${running.url}\n`)
  await new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve())
  })
  await running.close()
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  },
)
