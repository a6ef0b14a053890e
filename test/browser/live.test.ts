import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// What others do shows by itself, soon, and without the page asking all the time.
describe.skipIf(!executablePath)('a page that somebody looks at', () => {
  let house: BrowserHouse
  const asked: string[] = []

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    house.page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (!pathname.startsWith('/assets/')) asked.push(`${request.method()} ${pathname}`)
    })
    await signIn(house, who)
    await createApp(house, 'shop')
  })
  afterAll(async () => {
    await house?.stop()
  })

  const quiet = (ms: number) => house.page.waitForTimeout(ms)
  const soon = { timeout: 2_000 }

  test('shows within two seconds what was changed elsewhere, and asks for nothing while nothing changes', async () => {
    const { page, baseUrl, ask } = house
    await page.goto(`${baseUrl}/dashboard/apps/shop/releases`)
    await page.getByText('Initial release').waitFor()
    await quiet(2_500)
    asked.length = 0
    await quiet(6_000)
    expect(asked).toEqual([])
    expect((await ask('PATCH', '/apps/shop/config-vars', { GREETING: 'hello' })).status).toBe(200)
    await page.getByText('Set GREETING config vars').waitFor(soon)
    await quiet(3_000)
    // One change is a few facts; what it shows is asked for once or twice, in five requests each.
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.length, asked.join(', ')).toBeLessThanOrEqual(12)
    // Fifty changes on end are not fifty times as many: each thing is asked for once in 0.8 s at most, however long they take.
    asked.length = 0
    const from = performance.now()
    for (let count = 0; count < 50; count++) await ask('PATCH', '/apps/shop/config-vars', { COUNT: String(count) })
    const last = await ask<{ version: number }[]>('GET', '/apps/shop/releases')
    await page.getByText(`v${Math.max(...last.body.map(({ version }) => version))}`, { exact: true }).waitFor(soon)
    const times = [...new Set(asked)].map((one) => asked.filter((other) => other === one).length)
    expect(Math.max(...times), asked.join(', ')).toBeLessThanOrEqual((performance.now() - from) / 800 + 2)
    expect(asked.filter((one) => one.endsWith('/stream'))).toEqual([])
  })

  test('the list of apps shows one that somebody made, and no longer one that somebody destroyed', async () => {
    const { page, baseUrl, ask } = house
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByRole('link', { name: 'shop' }).waitFor()
    await quiet(500)
    await ask('POST', '/apps', { name: 'from-elsewhere' })
    await page.getByRole('link', { name: 'from-elsewhere' }).waitFor(soon)
    await ask('DELETE', '/apps/from-elsewhere')
    await page.getByRole('link', { name: 'from-elsewhere' }).waitFor({ state: 'detached', ...soon })
  })

  test('a page whose stream broke comes back by itself, and shows what it missed', async () => {
    const { page, baseUrl, ask } = house
    let refused = 0
    await page.route('**/apps/shop/stream', (route) => {
      refused++
      return route.abort()
    })
    await page.goto(`${baseUrl}/dashboard/apps/shop/releases`)
    await page.getByText('Initial release').waitFor()
    await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(1)
    await ask('PATCH', '/apps/shop/config-vars', { MISSED: 'hello' })
    await page.unroute('**/apps/shop/stream')
    await page.getByText('Set MISSED config vars').waitFor({ timeout: 15_000 })
    // Not many times a second, and later each time.
    expect(refused).toBeLessThan(8)
    await ask('PATCH', '/apps/shop/config-vars', { AGAIN: 'hello' })
    await page.getByText('Set AGAIN config vars').waitFor(soon)
  })
})
