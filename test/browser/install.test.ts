import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { signIn } from '../../web/browser/flows.js'
import { type LyingProvider, lyingProvider } from '../lying-provider.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

const password = 'a-password-of-many-characters'
const path = '/marketplace/fast-db/install'
const price = (cents: number) => ({ cents, unit: 'month' })

// An add-on together with the app that it is for, and the region of both. One story, told in order.
describe.skipIf(!executablePath)('installing on a new app, in a region', () => {
  let house: BrowserHouse
  let provider: LyingProvider | undefined

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    provider = await lyingProvider(password, 'fast-db')
    const contents = {
      id: 'fast-db',
      name: 'Fast DB',
      api: {
        version: '3',
        password,
        sso_salt: 'a-salt-of-just-as-many-characters',
        config_vars: ['FAST_DB_URL'],
        config_vars_prefix: 'FAST_DB',
        regions: ['us', 'eu'],
        requires: ['attachable', 'many_per_app'],
        production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
      },
      plans: [
        { name: 'mini', price: price(0), description: 'For trying it out.', default: true },
        { name: 'basic', price: price(900), description: 'For small apps.' },
        { name: 'island', price: price(2900), description: 'Its data stays in Europe.', regions: ['eu'] },
      ],
    }
    const pushed = await house.ask('POST', '/api/v3/addons/fast-db/manifests', { contents })
    expect(pushed.status, JSON.stringify(pushed.body)).toBe(201)
  })
  afterAll(async () => {
    await provider?.stop()
    await house?.stop()
  })

  const names = async () => (await house.ask<{ name: string }[]>('GET', '/apps')).body.map(({ name }) => name).sort()
  const happens = () => house.page.getByRole('region', { name: 'What happens' }).filter({ visible: true })

  test('who has no app yet makes one there, in a region of the plan, and sees beforehand what comes of it', async () => {
    const { page, ask, holdsUp } = house
    await signIn(house, who, path)
    expect(await page.getByLabel('App', { exact: true }).count()).toBe(0)
    await page.getByLabel('Name of the app').fill('first-app')
    await page.getByLabel('Region').selectOption('eu')
    await happens().getByText('Config vars that appear in first-app, attached as FAST_DB').waitFor()
    await happens().getByText('FAST_DB_URL').waitFor()
    await happens().getByText('None: it is empty.').waitFor()
    await page.getByRole('radio', { name: 'Island' }).check()
    await happens().getByText('$29').waitFor()
    // Where the plan is not sold it can't be chosen.
    expect(await page.getByRole('option', { name: /^us: .*not offered here/ }).isDisabled()).toBe(true)
    await page.getByLabel('Attached as').fill('main')
    await page.getByLabel('Add-on name').fill('the-first-db')
    await happens().getByText('MAIN_URL').waitFor()
    await holdsUp(page, 'install-new-app')
    await page.getByRole('button', { name: 'Make the app and add it' }).click()
    await page.getByText('first-app was made in eu').waitFor()
    await page.getByRole('heading', { name: 'It is ready' }).waitFor()
    await holdsUp(page, 'install-new-app-ready')
    expect((await ask('GET', '/apps/first-app')).body).toMatchObject({ region: { name: 'eu' } })
    expect(Object.keys((await ask<object>('GET', '/apps/first-app/config-vars')).body)).toEqual(['MAIN_URL'])
    expect((await ask('GET', '/addons/the-first-db')).body).toMatchObject({ plan: { name: 'fast-db:island' } })
    expect(provider?.received.at(-1)?.body).toMatchObject({ region: 'amazon-web-services::eu-west-1' })
  })

  test('an app where the plan is not offered says so before anything is ordered, and which apps there are', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    await ask('POST', '/apps', { name: 'american' })
    await page.goto(`${baseUrl}${path}?app=american&plan=island`)
    await page.getByText('The plan Island of Fast DB is not offered in us. It is offered in eu.').first().waitFor()
    await page.getByText('Of your apps, first-app runs there.').waitFor()
    const order = page.getByRole('button', { name: 'Add add-on' })
    expect(await order.getAttribute('aria-disabled')).toBe('true')
    await holdsUp(page, 'install-not-offered')
    // Nor by the keyboard.
    await page.getByLabel('Attached as').press('Enter')
    await page.getByRole('link', { name: 'Use first-app' }).click()
    await page.getByText('eu, where first-app runs').waitFor()
    await happens().getByText('attached as FAST_DB').waitFor()
    await page.goBack()
    await page.goto(`${baseUrl}${path}?app=american&plan=island`)
    await page.getByRole('link', { name: 'Make a new app there' }).click()
    await expect.poll(() => page.getByLabel('Region').inputValue()).toBe('eu')
    // The page of the app says the same.
    await page.goto(`${baseUrl}/dashboard/apps/american`)
    await page.getByRole('button', { name: 'Add an add-on' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'Island' }).check()
    await dialog.getByText('Of your apps, first-app runs there.').waitFor()
    await holdsUp(page, 'install-not-offered-dialog')
    expect((await ask<unknown[]>('GET', '/apps/american/addons')).body).toEqual([])
  })

  test('a name that is taken is said while it is typed', async () => {
    const { page, baseUrl } = house
    await page.goto(`${baseUrl}${path}?new=true`)
    await page.getByLabel('Name of the app').fill('american')
    await happens().getByText('Name american is already taken.').waitFor()
    expect(await names()).toEqual(['american', 'first-app'])
  })

  test('a refusal after the app was made says which half is there; another plan is tried, or the app is removed', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    const begin = async (name: string) => {
      await page.goto(`${baseUrl}${path}?new=true&plan=basic&region=us`)
      await page.getByLabel('Name of the app').fill(name)
      await happens().getByText(`Config vars that appear in ${name},`).waitFor()
      provider?.lie('POST', { status: 422, body: { message: 'Basic is sold out today.' } })
      await page.getByRole('button', { name: 'Make the app and add it' }).click()
      await page.getByText(`The app ${name} was made in us. Fast DB was not added to it.`).waitFor()
      await page.getByText('Basic is sold out today.').waitFor()
    }
    await begin('half-done')
    await holdsUp(page, 'install-half')
    expect(await page.getByLabel('App', { exact: true }).inputValue()).toBe('half-done')
    await page.getByRole('radio', { name: 'Mini' }).check()
    await page.getByRole('button', { name: 'Add add-on' }).click()
    await page.getByRole('heading', { name: 'It is ready' }).waitFor()
    expect((await ask<unknown[]>('GET', '/apps/half-done/addons')).body).toHaveLength(1)

    await begin('not-wanted')
    await page.getByRole('button', { name: 'Remove the app' }).click()
    const dialog = page.getByRole('dialog')
    await holdsUp(page, 'install-half-remove')
    await dialog.getByRole('button', { name: 'Remove app' }).click()
    await page.getByText('not-wanted is removed.').waitFor()
    await page.getByRole('button', { name: 'Make the app and add it' }).waitFor()
    expect(await page.getByText('Basic is sold out today.').count()).toBe(0)
    expect(await names()).toEqual(['american', 'first-app', 'half-done'])
  })

  test('a provider that changes its mind later leaves the app, and says so', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    provider?.lie('POST', { acts: true, status: 202, body: { id: 'later', message: 'In a minute.' } })
    await page.goto(`${baseUrl}${path}?new=true&region=eu`)
    await page.getByLabel('Name of the app').fill('late-app')
    await page.getByRole('button', { name: 'Make the app and add it' }).click()
    await page.getByText('In a minute.').waitFor()
    const [addon] = (await ask<{ id: string; name: string }[]>('GET', '/apps/late-app/addons')).body
    await ask('DELETE', `/apps/late-app/addons/${addon?.id}`)
    await page.getByText('The app late-app was made and stays, without the add-on.').waitFor()
    await holdsUp(page, 'install-failed-later')
    await page.getByRole('button', { name: 'Try another plan' }).click()
    await page.getByText('eu, where late-app runs').waitFor()
  })

  test('an answer that is lost on its way makes no second app', async () => {
    const { page, baseUrl } = house
    await page.goto(`${baseUrl}${path}?new=true&region=us`)
    await happens().getByText('FAST_DB_URL').waitFor()
    const before = await names()
    // The server does it, and its answer does not arrive.
    await page.route('**/apps', async (route) => {
      await route.fetch()
      await route.abort()
    })
    await page.getByRole('button', { name: 'Make the app and add it' }).click()
    await page.getByText('The server could not be reached.').waitFor()
    await page.unroute('**/apps')
    expect(await names()).toHaveLength(before.length + 1)
    await page.getByRole('button', { name: 'Make the app and add it' }).click()
    await page.getByRole('heading', { name: 'It is ready' }).waitFor()
    expect(await names()).toHaveLength(before.length + 1)
  })
})
