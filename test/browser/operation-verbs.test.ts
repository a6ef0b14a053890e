import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, signIn } from '../../web/browser/flows.js'
import { type LyingProvider, lyingProvider } from '../lying-provider.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// Each verb of the page of an operation, against a real one that a provider left waiting, parked, in doubt or lost.
describe.skipIf(!executablePath)('an operator at the page of an operation', () => {
  let house: BrowserHouse
  let app: string
  const providers: Record<string, LyingProvider> = {}
  const password = 'lying-password-0123456789'

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    await signIn(house, who)
    app = await createApp(house, 'shop')
  })
  afterAll(async () => {
    for (const provider of Object.values(providers)) await provider.stop()
    await house?.stop()
  })

  /** A service of its own for each story, so that no circuit that one opened holds up another. */
  async function service(slug: string, version = '3'): Promise<LyingProvider> {
    const provider = await lyingProvider(password, slug)
    providers[slug] = provider
    const config = `${slug.replaceAll('-', '_').toUpperCase()}_URL`
    provider.config = { [config]: 'fast://user:secret-value@127.0.0.1/db' }
    const plan = (name: string, cents: number) => ({
      name,
      human_name: name,
      description: name,
      price: { cents, unit: 'month' },
      default: name === 'small',
      features: [],
    })
    const contents = {
      id: slug,
      name: slug,
      plans: [plan('small', 500), plan('large', 5000)],
      api: {
        version,
        password,
        sso_salt: 'lying-salt-0123456789',
        config_vars: [config],
        regions: ['*'],
        production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
      },
    }
    const pushed = await house.ask('POST', `/api/v3/addons/${slug}/manifests`, { contents })
    expect(pushed.status, JSON.stringify(pushed.body)).toBe(201)
    return provider
  }
  const order = (slug: string, name: string) =>
    house.ask('POST', `/apps/${app}/addons`, { plan: `${slug}:small`, name })
  const addonNow = async (name: string) =>
    (await house.ask<{ state: string; plan: { name: string } }>('GET', `/apps/${app}/addons/${name}`)).body
  async function open(name: string, kind = 'addon.provision'): Promise<void> {
    const { body } = await house.ask<{ id: string; kind: string }[]>('GET', `/operations?eq[addon]=${name}`)
    const found = body.filter((one) => one.kind.startsWith(kind)).at(-1)
    await house.page.goto(`${house.baseUrl}/operator/operations/${found?.id}`)
    await house.page.getByRole('heading', { name: 'The story' }).waitFor()
  }
  const said = (text: string) => house.page.getByRole('listitem').filter({ hasText: text }).first().waitFor()

  test('tries again at once what waits for its time', async () => {
    const { page, holdsUp } = house
    const provider = await service('moody-db')
    // Out of order for as long as the platform tries by itself.
    provider.lie('POST', ...Array.from({ length: 9 }, () => ({ status: 503 })))
    await order('moody-db', 'waits')
    await open('waits')
    await page.getByText('Waiting', { exact: true }).waitFor()
    await holdsUp(page, 'operation-waiting')
    provider.repent()
    await page.getByRole('button', { name: 'Try again now' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('They say that it is mended.')
    await page.getByRole('dialog').getByRole('button', { name: 'Try again now' }).click()
    await page.getByText('Done', { exact: true }).waitFor()
    await said('They say that it is mended.')
    expect((await addonNow('waits')).state).toBe('provisioned')
    // What is there is said beside the story, and needs nothing.
    await page.getByRole('heading', { name: 'At the provider' }).waitFor()
    await page.getByText('Held', { exact: true }).waitFor()
    expect(await page.getByRole('button', { name: /^(Ask again|Adopt|Forget)/ }).count()).toBe(0)
  })

  test('takes back what a provider promised and never made, and it is removed there', async () => {
    const { page, holdsUp } = house
    const provider = await service('slow-db')
    provider.lie('POST', { acts: true, status: 202, body: { id: 'later' } })
    expect((await order('slow-db', 'promised')).status).toBeLessThan(300)
    await open('promised')
    await page.getByText('Parked', { exact: true }).waitFor()
    // While somebody else must move, trying again is no offer.
    expect(await page.getByRole('button', { name: 'Try again now' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Take back' }).click()
    const dialog = page.getByRole('dialog')
    // Without the name nothing happens.
    expect(await dialog.getByRole('button', { name: 'Take back' }).getAttribute('aria-disabled')).toBe('true')
    await dialog.getByLabel('Type promised to confirm').fill('promised')
    await dialog.getByLabel('Why').fill('They went out of business.')
    await holdsUp(page, 'operation-cancel')
    await dialog.getByRole('button', { name: 'Take back' }).click()
    await page.getByText('Taken back', { exact: true }).waitFor()
    await said('They went out of business.')
    await expect.poll(() => provider.received.some(({ method }) => method === 'DELETE'), { timeout: 30_000 }).toBe(true)
  })

  test.each([
    ['changed', 'has the new plan', 'large', 'Done'],
    ['unchanged', 'has the old plan', 'small', 'Taken back'],
  ] as const)('settles a doubtful plan as %s', async (outcome, choice, plan, state) => {
    const { page, holdsUp } = house
    const slug = `${outcome}-db`
    const provider = await service(slug)
    const name = `doubtful-${outcome}`
    expect((await order(slug, name)).status).toBeLessThan(300)
    await expect.poll(async () => (await addonNow(name)).state, { timeout: 20_000 }).toBe('provisioned')
    provider.lie('PUT', ...Array.from({ length: 30 }, () => ({ hangUp: true as const })))
    await house.ask('PATCH', `/apps/${app}/addons/${name}`, { plan: `${slug}:large` })
    await open(name, 'addon.change-plan')
    await page.getByText('In doubt', { exact: true }).waitFor()
    if (outcome === 'unchanged') await holdsUp(page, 'operation-doubtful')
    await page.getByRole('button', { name: 'Settle the doubt' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('The provider’s side').selectOption(choice)
    await dialog.getByLabel('Why').fill('Seen in their console.')
    if (outcome === 'changed') await holdsUp(page, 'operation-settle')
    await dialog.getByRole('button', { name: 'Settle' }).click()
    await page.getByText(state, { exact: true }).waitFor()
    await said('Seen in their console.')
    expect((await addonNow(name)).plan.name).toBe(`${slug}:${plan}`)
  })

  test('adopts, and forgets, what was made without a word; both are on the page of the story', async () => {
    const { page, holdsUp } = house
    // Of the first generation: it asks for no mark by which a second question could be known, so nothing is asked again.
    const provider = await service('silent-db', '1')
    for (const name of ['found-again', 'given-up']) {
      provider.lie('POST', { acts: true, hangUp: true })
      expect((await order('silent-db', name)).status).toBeGreaterThan(400)
      await open(name)
      await page.getByRole('heading', { name: 'At the provider' }).waitFor()
      const dialog = page.getByRole('dialog')
      if (name === 'found-again') {
        const [uuid] = [...provider.resources.keys()]
        await holdsUp(page, 'operation-lost')
        await page.getByRole('button', { name: `Adopt ${name}` }).click()
        await dialog.getByLabel('The provider’s id of it').fill(uuid ?? '')
        await dialog.getByLabel('Why').fill('Their support told us its id.')
        await dialog.getByRole('button', { name: 'Adopt' }).click()
        await expect.poll(() => provider.resources.size, { timeout: 30_000 }).toBe(0)
      } else {
        await page.getByRole('button', { name: `Forget ${name}` }).click()
        await dialog.getByLabel(`Type ${name} to confirm`).fill(name)
        await dialog.getByLabel('Why').fill('It is gone, and they keep no list.')
        await dialog.getByRole('button', { name: 'Forget' }).click()
        await page.getByRole('heading', { name: 'At the provider' }).waitFor({ state: 'detached' })
        expect(provider.resources.size).toBe(1)
      }
    }
  })
})
