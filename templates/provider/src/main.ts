import { readFileSync } from 'node:fs'
import { clientSecretFrom } from '@mortise/provider/push'
import { createFastDb } from './provider.js'

const {
  ADDON_MANIFEST = 'addon-manifest.json',
  PORT = '4567',
  HOST = '127.0.0.1',
  DATA_DIR = 'data',
  PUBLIC_URL = `http://127.0.0.1:${PORT}`,
  PLATFORM_URL = 'http://localhost:5055',
  CLIENT_SECRET,
  CLIENT_SECRET_FILE = 'client-secret',
} = process.env

const fromFile = clientSecretFrom(CLIENT_SECRET_FILE)
const { provider, pages } = createFastDb({
  manifest: JSON.parse(readFileSync(ADDON_MANIFEST, 'utf8')),
  dataDir: DATA_DIR,
  publicUrl: PUBLIC_URL.replace(/\/+$/, ''),
  platform: new URL(PLATFORM_URL).origin,
  clientSecret: async () => CLIENT_SECRET || (await fromFile()),
})
const { url, close } = await provider.listen(Number(PORT), HOST, pages)
console.log(`fast-db is ready at ${url}`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void close())
