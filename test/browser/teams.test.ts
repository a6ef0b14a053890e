import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, signIn } from '../../web/browser/flows.js'
import { manifestOf } from '../server-process.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// A team, its apps among others, and where the account is signed in. One story, told in order.
describe.skipIf(!executablePath)('teams at a browser', () => {
  let house: BrowserHouse

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    await signIn(house, who)
  })
  afterAll(async () => {
    await house?.stop()
  })

  test('a team is made, somebody is invited by a link that is shown once, and the invitation is withdrawn', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/dashboard/teams`)
    await page.getByText('You are in no team yet').waitFor()
    // By the keyboard alone: a dialog begins in its first field, Escape leads back to what opened it, Enter sends it.
    const create = page.getByRole('button', { name: 'Create a team' })
    const focused = () => page.evaluate('document.activeElement.name || document.activeElement.textContent')
    await create.press('Enter')
    await page.getByRole('dialog').waitFor()
    await expect.poll(focused).toBe('name')
    await page.keyboard.press('Escape')
    await expect.poll(focused).toBe('Create a team')
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('name')
    await page.keyboard.type('crew')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'crew', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByRole('dialog').getByLabel('E-mail').fill('bob@example.com')
    await page.getByRole('dialog').getByLabel('Role').selectOption('viewer')
    await page.getByRole('dialog').getByRole('button', { name: 'Invite', exact: true }).click()
    await page.getByText('it is shown this once').waitFor()
    await page.getByText('Invited as viewer').waitFor()
    await holdsUp(page, 'team')
    await page.getByRole('button', { name: 'Withdraw the invitation of bob@example.com' }).click()
    await page.getByText('Invited as viewer').waitFor({ state: 'detached' })
  })

  test('a team names the services that its apps may use', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    const contents = manifestOf('http://127.0.0.1:9', 'a-password-of-a-provider-01234567')
    expect((await ask('POST', '/api/v3/addons/fast-db/manifests', { contents })).status).toBe(201)
    await page.goto(`${baseUrl}/dashboard/teams/crew`)
    await page.getByText('may use every service of the marketplace').waitFor()
    await page.getByRole('button', { name: 'Allow a service' }).click()
    await page.getByRole('dialog').getByText('It is the first on the list').waitFor()
    await holdsUp(page, 'team-allow')
    await page.getByRole('dialog').getByRole('button', { name: 'Allow', exact: true }).click()
    await page.getByRole('button', { name: 'Take off the list: Fast DB' }).waitFor()
    await holdsUp(page, 'team-allowed')
    await page.getByRole('button', { name: 'Take off the list: Fast DB' }).click()
    await page.getByText('may use every service of the marketplace').waitFor()
  })

  test('an app is made for the team, and the list of apps tells how each is and is narrowed', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await createApp(house, 'mine')
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByRole('button', { name: 'Create an app' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('ours')
    await page.getByRole('dialog').getByLabel('Owner').selectOption('crew')
    await page.getByRole('dialog').getByRole('button', { name: 'Create app' }).click()
    await page.getByText('team crew').waitFor()
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByText('Not deployed yet').nth(1).waitFor()
    // What somebody else does shows without a reload.
    await ask('PATCH', '/apps/mine', { maintenance: true })
    await page.getByText('Maintenance', { exact: true }).waitFor()
    await holdsUp(page, 'dashboard-health')
    await page.getByLabel('Owner').selectOption('crew')
    await page.getByRole('link', { name: 'mine' }).waitFor({ state: 'detached' })
    await page.getByLabel('Search').fill('zzz')
    await page.getByText('No app is called so').waitFor()
    await page.goto(`${baseUrl}/dashboard/teams/crew`)
    await page.getByRole('link', { name: 'ours' }).waitFor()
  })

  test('a key of a program is ended from the page of the account', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    const made = await ask<{ access_token: { token: string } }>('POST', '/oauth/authorizations', {
      description: 'a laptop',
    })
    const { token } = made.body.access_token
    const asked = () => fetch(`${baseUrl}/account`, { headers: { authorization: `Bearer ${token}` } })
    expect((await asked()).status).toBe(200)
    await page.goto(`${baseUrl}/dashboard/account`)
    await page.getByRole('button', { name: 'End a laptop' }).waitFor()
    await holdsUp(page, 'account-signed-in')
    await page.getByRole('button', { name: 'End a laptop' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click()
    // While the dialog is open, nothing behind it is there for readers: its end comes first.
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'End a laptop' }).waitFor({ state: 'detached' })
    expect((await asked()).status).toBe(401)
    expect(await page.content()).not.toContain(token)
  })
})
