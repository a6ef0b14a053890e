import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addAddon, createApp, openAddon, removeAddon, setConfigVar, signIn, signOut } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// One story, told in order.
describe.skipIf(!executablePath)('a person at a browser', () => {
  let house: BrowserHouse
  let app: string
  let addon: string

  beforeAll(async () => {
    house = await browserHouse()
  })
  afterAll(async () => {
    await house?.stop()
  })

  test('the marketplace is there without signing in, with plans and prices', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/marketplace`)
    await page
      .getByRole('link', { name: /Mortise PostgreSQL/ })
      .first()
      .waitFor()
    await holdsUp(page, 'marketplace')
    await page.goto(`${baseUrl}/marketplace/mortise-postgresql`)
    await page.getByRole('cell', { name: '$5', exact: true }).first().waitFor()
    await holdsUp(page, 'service')
  })

  test('signing in is asked where it is needed, and leads back there', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByLabel('Password').waitFor()
    await holdsUp(page, 'sign-in')
    await page.getByLabel('E-mail').fill(who.email)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await signIn(house, who, '/dashboard')
    // The session is nothing that a script can read.
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  test('an app is made, and an add-on from the catalog with its config var', async () => {
    const { page, baseUrl, holdsUp } = house
    app = await createApp(house, 'shop')
    await holdsUp(page, 'app-empty')
    addon = await addAddon(house, { app, service: 'Mortise PostgreSQL', plan: 'Mini' })
    await page.getByText('DATABASE_URL').first().waitFor()
    await holdsUp(page, 'app')
    await setConfigVar(house, app, 'GREETING', 'hello')
    await holdsUp(page, 'config-vars')
    await page.goto(`${baseUrl}/dashboard/apps/${app}/releases`)
    await page.getByText(`Attach DATABASE (@${addon})`).waitFor()
    await holdsUp(page, 'releases')
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByRole('link', { name: /shop/ }).first().waitFor()
    await holdsUp(page, 'dashboard')
  })

  test("one click lands on the provider's own page, signed in, under our header and with nothing that does not belong there", async () => {
    const { holdsUp } = house
    const tab = await openAddon(house, app, addon)
    await tab.getByRole('heading', { name: addon }).waitFor()
    const text = await tab.locator('body').innerText()
    expect(text).toContain(app)
    expect(text).toContain('Mini')
    expect(text).not.toMatch(/password|billing|log ?out|sign ?out/i)
    await tab.getByRole('link', { name: `Back to ${app}` }).waitFor()
    expect(await tab.evaluate('document.cookie')).toContain('heroku-nav-data=')
    await holdsUp(tab, 'provider')
    // What was posted once is good for nothing a second time, and nothing at all from somebody else.
    const forged = await tab.request.post(`${new URL(tab.url()).origin}/heroku/sso`, {
      form: {
        resource_id: new URL(tab.url()).pathname.split('/').at(-1) ?? '',
        timestamp: '1700000000',
        user_scoped_resource_token: 'a'.repeat(64),
        user_id: 'x',
        email: 'x@example.com',
        app,
      },
      maxRedirects: 0,
    })
    expect(forged.status()).toBe(403)
    await tab.close()
  })

  test('one changes the name that others see, and the password, which the old one then is not', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Your account' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    await holdsUp(page, 'account')
    await page.getByRole('textbox', { name: 'Name' }).fill('Grace')
    await page.getByRole('button', { name: 'Save the name' }).click()
    await page.getByText('Your name is saved.').waitFor()
    const change = async (current: string, wanted: string, again = wanted) => {
      await page.getByLabel('Password in force').fill(current)
      await page.getByLabel('New password', { exact: true }).fill(wanted)
      await page.getByLabel('New password again').fill(again)
      await page.getByRole('button', { name: 'Change the password' }).click()
    }
    await change(who.password, 'the next password', 'another password')
    await page.getByText('The two are not the same.').waitFor()
    await change('not the password', 'the next password')
    await page.getByRole('alert').getByText('password is wrong').waitFor()
    await holdsUp(page, 'account-refused')
    await change(who.password, 'the next password')
    await page.getByText('Your password is changed.').waitFor()
    await page.getByRole('button', { name: 'Close' }).last().click()
    await page.getByText('Your password is changed.').waitFor({ state: 'detached' })
    await change('the next password', who.password)
    await page.getByText('Your password is changed.').waitFor()
  })

  test("it is removed by typing the app's name, and signing out ends the session", async () => {
    const { page, baseUrl } = house
    await removeAddon(house, app, addon)
    await page.getByText('DATABASE_URL').waitFor({ state: 'detached' })
    await signOut(house)
    await page.goto(`${baseUrl}/dashboard/apps/${app}`)
    await page.getByLabel('Password').waitFor()
  })
})
