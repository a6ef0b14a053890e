import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, unusedPort } from '@mortise/provider/fixture'
import type { Settings } from '@mortise/provider/settings'
import pg from 'pg'
import { type ProviderPostgresqlOptions, startProvider } from './provider.js'

// What the tests of this folder share: a running provider in a folder of its own, and the platform's questions.

/** A folder that the database's account can enter, as an operator's would be. */
export function testFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'mortise-pg-'))
  chmodSync(dir, 0o711)
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

export async function startForTest(change: Partial<ProviderPostgresqlOptions> & { dir: string }) {
  const running = await startProvider({
    platform: 'http://localhost:5055',
    port: await unusedPort(),
    log: () => {},
    ...change,
  })
  const settings = JSON.parse(readFileSync(join(change.dir, 'settings.json'), 'utf8')) as Settings
  const auth = `mortise-postgresql:${settings.password}`
  const resources = `${running.url}/heroku/resources`
  return {
    ...running,
    settings,
    auth,
    provision: (uuid: string, plan = 'mini') =>
      ask('POST', resources, { auth, body: { uuid, plan, name: `postgresql-test-${uuid.slice(-1)}`, options: {} } }),
    changePlan: (uuid: string, plan: string) => ask('PUT', `${resources}/${uuid}`, { auth, body: { plan } }),
    deprovision: (uuid: string) => ask('DELETE', `${resources}/${uuid}`, { auth }),
    list: async () => (await ask('GET', `${running.url}/admin/resources`, { auth })).json,
  }
}

/** Runs statements as whoever the URL names, on a connection of its own; gives the rows of the last. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
export async function sql(url: string, ...statements: string[]): Promise<any[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    let rows: any[] = []
    for (const statement of statements) rows = (await client.query(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

export const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
