import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, signIn } from '../../web/browser/flows.js'
import { type LyingProvider, lyingProvider } from '../lying-provider.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// Long work shows its real steps, and what failed the provider's words and the next step.
describe.skipIf(!executablePath)('what is under way, at a browser', () => {
  let house: BrowserHouse
  let provider: LyingProvider | undefined
  const password = 'lying-password-0123456789'

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    provider = await lyingProvider(password, 'fast-db')
    const api = {
      version: '3',
      password,
      sso_salt: 'lying-salt-0123456789',
      config_vars: ['FAST_DB_URL'],
      regions: ['*'],
      requires: ['many_per_app'],
      production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
    }
    const contents = { id: 'fast-db', name: 'Fast DB', api }
    expect((await house.ask('POST', '/api/v3/addons/fast-db/manifests', { contents })).status).toBe(201)
    await signIn(house, who)
    await createApp(house, 'shop')
  })
  afterAll(async () => {
    await provider?.stop()
    await house?.stop()
  })

  test('an order that the provider works on is told step by step, and one that it refused in its words', async () => {
    const { page, ask, holdsUp } = house
    const work = page.getByRole('region', { name: 'Under way' })
    provider?.lie('POST', { acts: true, status: 202, body: { id: 'res-1', message: 'Being made.' } })
    expect((await ask('POST', '/apps/shop/addons', { plan: 'fast-db:test', name: 'slow-one' })).status).toBe(202)
    const slow = work.getByRole('article').filter({ hasText: 'Create slow-one' })
    await slow.getByText('Asked fast-db to create it.').waitFor({ timeout: 3_000 })
    await slow.getByText(/fast-db works on it and will call back/).waitFor()
    await slow.getByText(/Waits for fast-db/).waitFor()

    provider?.lie('POST', { status: 422, body: { message: 'Your account has five already.' } })
    expect((await ask('POST', '/apps/shop/addons', { plan: 'fast-db:test', name: 'sixth-one' })).status).toBe(422)
    const refused = work.getByRole('article').filter({ hasText: 'Create sixth-one' })
    await refused.getByText('Did not work').waitFor({ timeout: 3_000 })
    await refused
      .getByText(/Your account has five already/)
      .first()
      .waitFor()
    await refused.getByText(/Change what fast-db objects to/).waitFor()
    await holdsUp(page, 'under-way')
  })

  test('on a phone the tab that is open is in sight, however far along it stands', async () => {
    const { page, baseUrl } = house
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto(`${baseUrl}/dashboard/apps/shop/logs`)
    const tab = page.getByRole('navigation', { name: 'App' }).locator('[aria-current="page"]')
    await tab.waitFor()
    await expect
      .poll(async () => {
        const box = await tab.boundingBox()
        return box !== null && box.x >= 0 && box.x + box.width <= 390
      })
      .toBe(true)
  })
})
