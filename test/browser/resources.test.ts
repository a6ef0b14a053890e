import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  addAddon,
  attachAddon,
  changePlan,
  createApp,
  detachAddon,
  removeAddon,
  signIn,
} from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// What a person does with an add-on that is there. One story, told in order.
describe.skipIf(!executablePath)('add-ons at a browser', () => {
  let house: BrowserHouse
  let addon: string

  beforeAll(async () => {
    house = await browserHouse()
    await signIn(house, who)
    await createApp(house, 'reports')
    await createApp(house, 'shop')
    addon = await addAddon(house, { app: 'shop', service: 'Mortise PostgreSQL', plan: 'Mini' })
  })
  afterAll(async () => {
    await house?.stop()
  })

  test('another plan is chosen beside the one in use, with what it costs', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await page.goto(`${baseUrl}/dashboard/apps/shop/resources`)
    await page.getByRole('button', { name: `Change plan of ${addon}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'Standard 0' }).check()
    await dialog.getByText('more a month').waitFor()
    await holdsUp(page, 'resources-plan')
    await changePlan(house, 'shop', addon, 'Standard 0')
    const { body } = await ask<{ plan: { name: string } }>('GET', `/addons/${addon}`)
    expect(body.plan.name).toBe('mortise-postgresql:standard-0')
  })

  test('it serves another app under a name of its own, whose config var and whose clash are told before', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await ask('PATCH', '/apps/reports/config-vars', { SALES_URL: 'taken' })
    await page.goto(`${baseUrl}/dashboard/apps/shop/resources`)
    await page.getByRole('button', { name: `Attach to another app: ${addon}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('DATABASE_URL').waitFor()
    await dialog.getByLabel('Attached as').fill('SALES')
    await dialog.getByText('takes the place of').waitFor()
    await holdsUp(page, 'resources-attach')
    // Nothing happened yet.
    expect((await ask('GET', '/apps/reports/config-vars')).body).toEqual({ SALES_URL: 'taken' })
    await attachAddon(house, { app: 'shop', addon, to: 'reports', as: 'SALES', isReplacing: true })
    await holdsUp(page, 'resources')
    const { body } = await ask<Record<string, string>>('GET', '/apps/reports/config-vars')
    expect(body['SALES_URL']).toMatch(/^postgres/)
    await page.goto(`${baseUrl}/dashboard/apps/reports/resources`)
    await page.getByRole('heading', { name: 'From other apps' }).waitFor()
    await holdsUp(page, 'resources-lent')
  })

  test('its own page tells its versions and all that was asked of its provider, and gives it another name', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await page.goto(`${baseUrl}/dashboard/apps/shop/resources`)
    await page.getByRole('link', { name: addon, exact: true }).click()
    await page.getByText('default, version 1').waitFor()
    await page.getByRole('link', { name: /^reports v/ }).waitFor()
    await page.getByRole('heading', { name: /^What happened/ }).waitFor()
    await page.getByText('Ordered mortise-postgresql:mini').waitFor()
    expect(await page.content()).not.toContain('postgres://')
    await holdsUp(page, 'addon')
    await page.getByLabel('Name', { exact: true }).fill('Not a name')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Name', { exact: true }).fill('guests')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('heading', { name: 'guests', exact: true }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/dashboard/apps/shop/resources/guests')
    addon = 'guests'
    const { body } = await ask<Record<string, string>>('GET', '/apps/shop/config-vars')
    expect(Object.keys(body)).toEqual(['DATABASE_URL'])
    await page.goto(`${baseUrl}/dashboard/apps/shop/resources/nobody`)
    await page.getByText('No such add-on').waitFor()
    await holdsUp(page, 'addon-missing')
  })

  test('it is detached from one app and stays in the other', async () => {
    const { ask } = house
    await detachAddon(house, { app: 'shop', attachment: 'SALES', of: 'reports' })
    expect((await ask('GET', '/apps/reports/config-vars')).body).toEqual({})
    const { body } = await ask<Record<string, string>>('GET', '/apps/shop/config-vars')
    expect(Object.keys(body)).toEqual(['DATABASE_URL'])
  })

  test('before it is removed one reads which attachments go with it', async () => {
    const { page, baseUrl, holdsUp } = house
    await attachAddon(house, { app: 'shop', addon, to: 'reports', as: 'SALES' })
    await page.getByRole('button', { name: `Remove ${addon}` }).click()
    await page.getByRole('dialog').getByText('SALES_URL').waitFor()
    await holdsUp(page, 'resources-remove')
    await page.getByRole('dialog').getByRole('checkbox', { name: 'Detach it from there too' }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await detachAddon(house, { app: 'shop', attachment: 'SALES', of: 'reports' })
    await removeAddon(house, 'shop', addon)
    await page.goto(`${baseUrl}/dashboard/apps/shop/resources`)
    await page.getByText('No add-ons of its own yet').waitFor()
    await holdsUp(page, 'resources-empty')
  })
})
