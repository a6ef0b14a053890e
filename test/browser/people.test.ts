import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// Who is here, and what an operator does about somebody; what the somebody sees of it.
describe.skipIf(!executablePath)('an operator among people, at a browser', () => {
  let house: BrowserHouse

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    await signIn(house, who)
  })
  afterAll(async () => {
    await house?.stop()
  })
  const soon = { timeout: 20_000 }
  const password = 'a-password-of-grace-hopper'

  test('invites somebody by a link that is shown once; they come in through it', async () => {
    const { page, baseUrl, holdsUp, browser } = house
    await page.goto(`${baseUrl}/operator/users`)
    await page.getByRole('link', { name: who.email }).waitFor()
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByRole('dialog').getByLabel('E-mail').fill('grace@example.com')
    await holdsUp(page, 'operator-invite')
    await page.getByRole('button', { name: 'Make the link' }).click()
    await page.getByText('it is shown this once').waitFor()
    const link = await page.getByText(/\/invite\//).textContent()
    await page.getByRole('heading', { name: 'Open links' }).waitFor()
    await holdsUp(page, 'operator-users-invited')
    await page.reload()
    await page.getByRole('heading', { name: 'Open links' }).waitFor()
    expect(await page.content()).not.toContain(link)
    const theirs = await (await browser.newContext()).newPage()
    await theirs.goto(link ?? '')
    await theirs.getByLabel('Password', { exact: true }).fill(password)
    await theirs.getByLabel('The same again').fill(password)
    await theirs.getByRole('button', { name: 'Make my account' }).click()
    await theirs.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
    await theirs.context().close()
    // It shows without a reload.
    await page.getByRole('link', { name: 'grace@example.com' }).waitFor()
    await page.getByRole('heading', { name: 'Open links' }).waitFor({ state: 'detached' })
  })

  test('searches as they type', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/operator/users`)
    await page.getByRole('link', { name: 'grace@example.com' }).waitFor()
    await holdsUp(page, 'operator-users')
    await page.getByLabel('Search').fill('GRACE@')
    await page.getByRole('link', { name: who.email }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'grace@example.com' }).waitFor()
    await page.getByLabel('Search').fill('nobody-like-that')
    await page.getByText('Nobody is like that').waitFor()
    await holdsUp(page, 'operator-users-none')
    await page.getByLabel('Search').fill('')
    await page.getByLabel('Show', { exact: true }).selectOption('operator')
    await page.getByRole('link', { name: 'grace@example.com' }).waitFor({ state: 'detached' })
  })

  test('sees that the list is asked for, and that it can not be had', async () => {
    const { page, holdsUp } = house
    let answer = () => {}
    const asked = new Promise<void>((released) => {
      answer = released
    })
    await page.route('**/accounts?*', async (route) => {
      await asked
      await route.fulfill({ status: 503, json: { id: 'service_unavailable', message: 'The database is away.' } })
    })
    await page.reload()
    await page.getByRole('status').first().waitFor()
    await holdsUp(page, 'operator-users-loading')
    answer()
    await page.getByText('The list could not be shown').waitFor({ timeout: 30_000 })
    await holdsUp(page, 'operator-users-failed')
    await page.unroute('**/accounts?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('link', { name: 'grace@example.com' }).waitFor()
  })

  test('goes through the teams, page by page', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await ask('POST', '/teams', { name: 'crew' })
    await ask('POST', '/teams/crew/members', { email: 'grace@example.com', role: 'member' })
    await ask('POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
    await createApp(house, 'mine')
    await page.goto(`${baseUrl}/operator/teams`)
    await page.getByRole('link', { name: 'crew' }).waitFor()
    await holdsUp(page, 'operator-teams')
    await page.getByRole('link', { name: 'crew' }).click()
    await page.getByText('All: its admins named none.').waitFor()
    await page.getByText('Put grace@example.com into crew as member').waitFor()
    await holdsUp(page, 'operator-team')
    // More of them than a page shows.
    for (let n = 10; n < 62; n++) await ask('POST', '/teams', { name: `team-${n}` })
    await page.goto(`${baseUrl}/operator/teams`)
    const shown = page.getByRole('list', { name: 'Teams' }).getByRole('listitem')
    await expect.poll(() => shown.count(), soon).toBe(50)
    await page.getByRole('button', { name: 'Show more' }).click()
    await expect.poll(() => shown.count(), soon).toBe(53)
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0)
  })

  test('sees what somebody has and sets a quota', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/operator/teams/crew`)
    await page.getByRole('link', { name: 'grace@example.com' }).click()
    await page.getByRole('link', { name: 'crew', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Change the quota of apps' }).click()
    await page.getByLabel('Limit').selectOption('number')
    await page.getByLabel('At most').fill('0')
    await holdsUp(page, 'operator-quota')
    await page.getByRole('button', { name: 'Set the quota' }).click()
    await page.getByText('Used up').waitFor()
    await page.getByText('Set for this account').waitFor()
    await page.getByText('Changed what grace@example.com may have').waitFor()
    await holdsUp(page, 'operator-user')
    await page.goto(`${baseUrl}/operator/users/nobody@example.com`)
    await page.getByText('There is no such account').waitFor()
    await holdsUp(page, 'operator-user-none')
    // One does nothing to oneself.
    await page.goto(`${baseUrl}/operator/users/${who.email}`)
    await page.getByText('This is you.').waitFor()
    expect(await page.getByRole('button', { name: 'Suspend' }).count()).toBe(0)
  })

  test('suspends somebody at a browser, who is told why at once, and lets them in again', async () => {
    const { page, baseUrl, holdsUp, browser } = house
    const theirs = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
    await signIn({ ...house, page: theirs }, { email: 'grace@example.com', password })
    await theirs.goto(`${baseUrl}/dashboard`)
    await theirs.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
    await page.goto(`${baseUrl}/operator/users/grace@example.com`)
    await page.getByRole('button', { name: 'Suspend' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Why').fill('Mined coins on three apps.')
    // Without the name nothing happens.
    expect(await dialog.getByRole('button', { name: 'Suspend' }).getAttribute('aria-disabled')).toBe('true')
    await dialog.getByLabel('Type grace@example.com to confirm').fill('grace@example.com')
    await holdsUp(page, 'operator-suspend')
    await dialog.getByRole('button', { name: 'Suspend' }).click()
    await page.getByText('Mined coins on three apps.').first().waitFor()
    await holdsUp(page, 'operator-user-suspended')
    // Their page has a stream open, which ends, and says why without a reload.
    await theirs.getByText('Your account is suspended: Mined coins on three apps.').waitFor({ timeout: 20_000 })
    await holdsUp(theirs, 'suspended')
    await theirs.getByLabel('E-mail').fill('grace@example.com')
    await theirs.getByLabel('Password').fill('not it at all')
    await theirs.getByRole('button', { name: 'Sign in' }).click()
    // Only whoever proves to be the one is told.
    await theirs.getByText('The e-mail or the password is wrong.').waitFor()
    await theirs.getByLabel('Password').fill(password)
    await theirs.getByRole('button', { name: 'Sign in' }).click()
    await theirs.getByText('Your account is suspended').waitFor()
    await page.getByRole('button', { name: 'Lift the suspension' }).click()
    await dialog.getByLabel('Why').fill('It was somebody else.')
    await dialog.getByRole('button', { name: 'Lift the suspension' }).click()
    await page.getByText('Lifted the suspension of grace@example.com: It was somebody else.').waitFor()
    await theirs.getByRole('button', { name: 'Sign in' }).click()
    await theirs.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
    await theirs.context().close()
  })

  test('is told of by the trail of the account, which its owner narrows', async () => {
    const { baseUrl, holdsUp, browser } = house
    const theirs = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
    await signIn({ ...house, page: theirs }, { email: 'grace@example.com', password })
    await theirs.goto(`${baseUrl}/dashboard/account/activity`)
    await theirs.getByText('Suspended grace@example.com: Mined coins on three apps.').waitFor()
    await theirs
      .getByText(/^Signed in with Chrome on Linux from (127\.0\.0\.1|::1)/)
      .first()
      .waitFor()
    await holdsUp(theirs, 'account-activity')
    await theirs.getByLabel('What').selectOption('quota')
    await theirs.getByText('Signed in with').first().waitFor({ state: 'detached' })
    await theirs.getByText('Changed what grace@example.com may have').waitFor()
    // A member is no admin, and is told so.
    await theirs.goto(`${baseUrl}/dashboard/teams/crew/activity`)
    await theirs.getByText('This is for the team’s admins').waitFor()
    await theirs.context().close()
  })

  test('makes somebody an operator and takes it back; the team’s admin reads who did what', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/operator/users/grace@example.com`)
    const dialog = page.getByRole('dialog')
    for (const [button, badges] of [
      ['Make operator', 1],
      ['Take operator’s rights', 0],
    ] as const) {
      await page.getByRole('button', { name: button }).click()
      await dialog.getByLabel('Why').fill('For the holidays.')
      await dialog.getByLabel('Type grace@example.com to confirm').fill('grace@example.com')
      if (badges) await holdsUp(page, 'operator-make-operator')
      await dialog.getByRole('button', { name: button }).click()
      await dialog.waitFor({ state: 'detached' })
      await expect.poll(() => page.getByText('Operator', { exact: true }).count(), soon).toBe(badges + 1)
    }
    await page.getByRole('button', { name: 'Link to a new password' }).click()
    await page.getByText('it is shown this once').waitFor()
    await page.goto(`${baseUrl}/dashboard/teams/crew`)
    await page.getByRole('link', { name: 'Activity' }).click()
    await page.getByText('Put grace@example.com into crew as member').waitFor()
    await holdsUp(page, 'team-activity')
    await page.getByLabel('By whom').fill('nobody@example.com')
    await page.getByText('Nothing of this kind was done').waitFor()
    await holdsUp(page, 'team-activity-none')
  })
})
