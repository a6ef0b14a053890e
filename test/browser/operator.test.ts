import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addAddon, createApp, signIn } from '../../web/browser/flows.js'
import { type LyingProvider, lyingProvider } from '../lying-provider.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// What an operator does about a provider that lies, falls silent and is gone.
describe.skipIf(!executablePath)('an operator at a browser', () => {
  let house: BrowserHouse
  let app: string
  let lying: LyingProvider | undefined

  beforeAll(async () => {
    house = await browserHouse()
    await signIn(house, who)
    app = await createApp(house, 'shop')
    await addAddon(house, { app, service: 'Mortise PostgreSQL', plan: 'Mini' })
  })
  afterAll(async () => {
    await lying?.stop()
    await house?.stop()
  })

  test('the operator sees what a provider left undone, reads its story, and asks again', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    const provider = await lyingProvider('lying-password-0123456789', 'fast-db')
    lying = provider
    const manifest = {
      id: 'fast-db',
      name: 'Fast DB',
      api: {
        version: '1',
        password: 'lying-password-0123456789',
        sso_salt: 'lying-salt-0123456789',
        config_vars: ['FAST_DB_URL'],
        regions: ['*'],
        production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
      },
    }
    const post = (path: string, body: unknown) => ask('POST', path, body)
    expect(await post('/api/v3/addons/fast-db/manifests', { contents: manifest })).toMatchObject({ status: 201 })
    // Made, and not a word of it: nobody knows by which id it could be removed.
    provider.lie('POST', { acts: true, hangUp: true })
    const order = await post(`/apps/${app}/addons`, { plan: 'fast-db', name: 'lost-in-silence' })
    expect(order.status, JSON.stringify(order.body)).toBeGreaterThan(400)

    await page.goto(`${baseUrl}/operator`)
    await page.getByRole('link', { name: 'lost-in-silence at fast-db' }).waitFor()
    await holdsUp(page, 'operator')
    await page.getByRole('link', { name: 'Create lost-in-silence' }).click()
    await page.getByRole('heading', { name: 'The story' }).waitFor()
    await holdsUp(page, 'operator-story')
    await page.goto(`${baseUrl}/operator/ledger`)
    await page.getByRole('heading', { name: 'lost-in-silence' }).waitFor()
    await holdsUp(page, 'operator-ledger')
    await page.getByRole('button', { name: 'Forget lost-in-silence' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Type lost-in-silence to confirm').fill('lost-in-silence')
    await dialog.getByLabel('Why').fill('Seen at the provider, and removed there by hand.')
    await holdsUp(page, 'operator-forget')
    await dialog.getByRole('button', { name: 'Forget' }).click()
    await page.getByRole('heading', { name: 'lost-in-silence' }).waitFor({ state: 'detached' })
    // It begins to tell what it keeps, and two of that nobody here has asked for.
    const [left, theirs] = [randomUUID(), randomUUID()]
    for (const stray of [left, theirs]) provider.resources.set(stray, 'small')
    const listing = { ...manifest, api: { ...manifest.api, lists_resources: true } }
    expect(await post('/api/v3/addons/fast-db/manifests', { contents: listing })).toMatchObject({ status: 201 })
    expect(await post('/providers/fast-db/actions/compare', {})).toMatchObject({ status: 202 })
    await page.getByRole('heading', { name: theirs }).waitFor()
    await page.getByRole('heading', { name: left }).waitFor()
    await holdsUp(page, 'operator-discrepancies')
    await page.getByRole('button', { name: `Adopt ${left}` }).click()
    await dialog.getByLabel('Type fast-db to confirm').fill('fast-db')
    await dialog.getByLabel('Why').fill('Left from before the backup.')
    await holdsUp(page, 'operator-adopt')
    await dialog.getByRole('button', { name: 'Adopt' }).click()
    await expect.poll(() => provider.resources.has(left), { timeout: 30_000 }).toBe(false)
    await page.getByRole('button', { name: `Forget ${theirs}` }).click()
    await dialog.getByLabel('Type fast-db to confirm').fill('fast-db')
    await dialog.getByLabel('Why').fill('It belongs to the other platform.')
    await dialog.getByRole('button', { name: 'Forget' }).click()
    await page.getByText('Nothing is open.').waitFor()
    await holdsUp(page, 'operator-discrepancies-none')
    expect(provider.resources.has(theirs)).toBe(true)
    // A provider that is gone altogether: its orders are tried three times, and then nothing more is sent to it.
    await page.goto(`${baseUrl}/operator/providers`)
    const fine = page.getByRole('listitem').filter({ hasText: 'mortise-postgresql' })
    await fine.getByText('Answers', { exact: true }).waitFor()
    await provider.stop()
    lying = undefined
    for (const name of ['never-sent-1', 'never-sent-2', 'never-sent-3', 'never-sent-4', 'never-sent-5']) {
      const answer = await post(`/apps/${app}/addons`, { plan: 'fast-db', name })
      // On a machine that is busy the tries outlast the customer's wait, and the order is taken instead.
      expect([202, 503], JSON.stringify(answer.body)).toContain(answer.status)
    }
    const sick = page.getByRole('listitem').filter({ hasText: 'fast-db' })
    await sick.getByText('Circuit open').waitFor()
    await holdsUp(page, 'operator-providers')
    await page.goto(`${baseUrl}/operator/workers`)
    await page.getByText('Alive').waitFor()
    await holdsUp(page, 'operator-workers')
  })
})
