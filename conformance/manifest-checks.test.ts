import { expect, test } from 'vitest'
import { manifestOf } from './broken-provider.js'
import { inspect } from './inspect.js'
import { manifestChecks } from './manifest-checks.js'

// biome-ignore lint/suspicious/noExplicitAny: manifests are broken in every way.
type Edit = (manifest: any) => void
type Way = [id: string, status: 'fail' | 'warn' | 'skip', edit: Edit, version?: '1' | '3']

const ways: Way[] = [
  ['manifest.id', 'fail', (m) => delete m.id],
  ['manifest.id', 'fail', (m) => Object.assign(m, { id: ' ' })],
  ['manifest.id', 'fail', (m) => Object.assign(m, { id: 5 })],
  ['manifest.id', 'fail', (m) => Object.assign(m, { id: '123' })],
  ['manifest.api', 'fail', (m) => Object.assign(m, { api: 'none' })],
  ['manifest.version', 'fail', ({ api }) => Object.assign(api, { version: '4' })],
  ['manifest.version', 'warn', ({ api }) => delete api.version],
  ['manifest.regions', 'fail', ({ api }) => delete api.regions],
  ['manifest.regions', 'fail', ({ api }) => Object.assign(api, { regions: 'us' })],
  ['manifest.region-us', 'fail', ({ api }) => Object.assign(api, { regions: ['eu'] }), '1'],
  ['manifest.region-us', 'warn', ({ api }) => Object.assign(api, { regions: ['eu'] })],
  ['manifest.region-names', 'fail', ({ api }) => api.regions.push('atlantis')],
  ['manifest.password', 'fail', ({ api }) => Object.assign(api, { password: '' })],
  ['manifest.salt', 'fail', ({ api }) => delete api.sso_salt],
  ['manifest.salt', 'warn', ({ api }) => Object.assign(api, { sso_salt: api.password })],
  ['manifest.salt', 'skip', ({ api }) => delete api.production.sso_url],
  ['manifest.test', 'fail', ({ api }) => delete api.test, '1'],
  ['manifest.test', 'skip', ({ api }) => delete api.test],
  ['manifest.production', 'fail', ({ api }) => delete api.production],
  ['manifest.https', 'fail', ({ api }) => Object.assign(api, { production: 'http://fast.example.com/' })],
  ['manifest.https', 'fail', ({ api }) => Object.assign(api.production, { sso_url: 'http://fast.example.com/sso' })],
  ['manifest.https', 'warn', ({ api }) => Object.assign(api, { production: 'http://localhost:4567/' })],
  ['manifest.config-vars', 'fail', ({ api }) => Object.assign(api, { config_vars: 'FAST_DB_URL' })],
  ['manifest.config-vars', 'warn', ({ api }) => delete api.config_vars],
  ['manifest.config-names', 'fail', ({ api }) => api.config_vars.push('fast_db_url')],
  [
    'manifest.config-names',
    'fail',
    ({ api }) => Object.assign(api, { config_vars: ['LD_PRELOAD'], config_vars_prefix: 'LD' }),
  ],
  ['manifest.prefix', 'fail', ({ api }) => api.config_vars.push('OTHER_URL')],
  ['manifest.requires', 'warn', ({ api }) => api.requires.push('a-pony')],
  ['manifest.deprecated', 'fail', ({ api }) => Object.assign(api, { username: 'heroku' })],
  ['manifest.publish', 'warn', ({ api }) => Object.assign(api, { password: 'short' })],
  ['manifest.publish', 'fail', ({ api }) => Object.assign(api, { config_vars: 5 })],
]

const judged = async (manifest: unknown) => (await inspect({ manifest, only: ['manifest'] })).checks

for (const [index, [id, status, edit, version]] of ways.entries()) {
  test(`${id} notices what is wrong in a manifest (${index + 1}): ${status}`, async () => {
    const manifest = manifestOf('http://127.0.0.1:4567', version)
    edit(manifest)
    const check = (await judged(manifest)).find((each) => each.id === id)
    expect(check?.status, JSON.stringify(check)).toBe(status)
    expect(check?.reason).not.toBe('')
  })
}

test('there is no check of a manifest that was never seen to notice anything', () => {
  const seen = ways.filter(([, status]) => status !== 'skip').map(([id]) => id)
  expect(manifestChecks.map(({ id }) => id).filter((id) => !seen.includes(id))).toEqual([])
})

test('a sound manifest passes, of either version', async () => {
  for (const version of ['1', '3'] as const) {
    const checks = await judged(manifestOf('http://127.0.0.1:4567', version))
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([])
  }
})

test('what is no manifest at all fails, and the provider is not asked', async () => {
  for (const manifest of [null, [], 'text', {}]) {
    const report = await inspect({ manifest })
    expect(report.failed).toBeGreaterThan(0)
    expect(report.error).toBeNull()
    expect(report.checks.filter(({ phase }) => phase !== 'manifest').every(({ status }) => status === 'skip')).toBe(
      true,
    )
  }
})

test('neither password nor salt is shown', async () => {
  const manifest = manifestOf('http://127.0.0.1:4567')
  const text = JSON.stringify(await judged(manifest))
  expect(text).not.toContain(manifest.api.password)
  expect(text).not.toContain(manifest.api.sso_salt)
})
