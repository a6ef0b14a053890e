import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// One look at the console: whether all is well, what to do if not, and who did what.
describe.skipIf(!executablePath)("the operator's overview in a browser", () => {
  let house: BrowserHouse

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
  })
  afterAll(async () => {
    await house?.stop()
  })

  test('all is well until a provider is gone, and then it says so and what to do', async () => {
    const { page, ask, holdsUp } = house
    await signIn(house, who, '/operator')
    const things = page.getByRole('region', { name: 'How things are' })
    await things.getByText('All is well. Nothing needs you.').waitFor()
    expect(await ask('POST', '/apps', { name: 'shop' })).toMatchObject({ status: 201 })
    const contents = {
      id: 'gone-db',
      name: 'Gone DB',
      api: {
        version: '3',
        password: 'a-password-of-many-characters',
        sso_salt: 'a-salt-of-just-as-many-characters',
        config_vars: ['GONE_DB_URL'],
        regions: ['*'],
        requires: ['many_per_app'],
        // Nothing listens there.
        production: { base_url: 'http://127.0.0.1:9/heroku/resources', sso_url: 'http://127.0.0.1:9/heroku/sso' },
      },
    }
    expect((await ask('POST', '/api/v3/addons/gone-db/manifests', { contents })).status).toBe(201)
    await Promise.all(
      [1, 2, 3, 4, 5].map((n) => ask('POST', '/apps/shop/addons', { plan: 'gone-db', name: `gone-${n}` })),
    )
    await page.reload()
    await things.getByRole('link', { name: 'Nothing is sent to 1 provider at the moment' }).waitFor()
    await things.locator('canvas').waitFor()
    await things.getByText('The figures as a table').click()
    expect(await things.getByRole('row').count()).toBe(61)
    await holdsUp(page, 'operator-overview')
    await things.getByRole('link', { name: /Nothing is sent/ }).click()
    await page.getByText('Circuit open', { exact: true }).waitFor()
    await page.locator('canvas').nth(1).waitFor()
    await holdsUp(page, 'operator-provider-charts')
  })

  test('the audit trail is searched by what was done and by whom, and its address can be kept', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/operator/audit`)
    await page.getByLabel('What', { exact: true }).selectOption('app')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('listitem').filter({ hasText: 'Made' }).filter({ hasText: 'shop' }).first().waitFor()
    await page.waitForURL(/kind=app/)
    await holdsUp(page, 'operator-audit')
    await page.getByLabel('Who').fill('nobody@example.com')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('Nothing was done that matches').waitFor()
  })
})
