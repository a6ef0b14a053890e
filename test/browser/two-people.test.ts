import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Person, signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

const bob = { email: 'bob@example.com', password: 'a-password-of-bob-in-a-browser' }

// What one person does and another one sees of it: each in a browser of their own. One story, told in order.
describe.skipIf(!executablePath)('two people at two browsers', () => {
  let house: BrowserHouse
  let theirs: Person

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    const { ask, browser, baseUrl } = house
    await signIn(house, who)
    const invite = await ask<{ url: string }>('POST', '/invites', { email: bob.email })
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
    theirs = { page, baseUrl }
    await page.goto(invite.body.url)
    await page.getByLabel('Password', { exact: true }).fill(bob.password)
    await page.getByLabel('The same again').fill(bob.password)
    await page.getByRole('button', { name: 'Make my account' }).click()
    await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
    for (const name of ['a-gift', 'another-gift']) expect((await ask('POST', '/apps', { name })).status).toBe(201)
  })
  afterAll(async () => {
    await house?.stop()
  })

  async function offer(app: string) {
    const { page, baseUrl } = house
    await page.goto(`${baseUrl}/dashboard/apps/${app}/access`)
    await page.getByRole('button', { name: 'Give to another owner' }).click()
    await page.getByRole('dialog').getByLabel('E-mail').fill(bob.email)
    await page.getByRole('dialog').getByRole('button', { name: 'Offer the app' }).click()
    await page.getByText(`It is offered to ${bob.email}.`).waitFor()
  }
  const offerOf = (app: string) =>
    theirs.page.getByRole('list', { name: 'Offers' }).getByRole('listitem').filter({ hasText: app })

  test('an app is offered, declined, offered again and accepted; it changes hands at that moment and not before', async () => {
    const { page, baseUrl, holdsUp } = house
    await offer('a-gift')
    await theirs.page.goto(`${baseUrl}/dashboard`)
    await offerOf('a-gift').waitFor()
    await holdsUp(theirs.page, 'offer')
    // It is not theirs yet.
    expect(await theirs.page.getByRole('link', { name: 'a-gift' }).count()).toBe(0)
    await offerOf('a-gift').getByRole('button', { name: 'Decline' }).click()
    await theirs.page.getByText('You declined a-gift.').waitFor()
    await offerOf('a-gift').waitFor({ state: 'detached' })
    await page.reload()
    await page.getByRole('button', { name: 'Give to another owner' }).waitFor()
    expect(await page.getByText(`It is offered to`).count()).toBe(0)

    await offer('a-gift')
    await theirs.page.reload()
    await offerOf('a-gift').getByRole('button', { name: 'Accept' }).click()
    await theirs.page.getByText('a-gift is yours now.').waitFor()
    await theirs.page.getByRole('link', { name: 'a-gift' }).click()
    await theirs.page.getByText(bob.email).first().waitFor()
    // Whoever gave it works on it still, and decides no more whose it is.
    await page.reload()
    await page.getByText(`${bob.email} owns it and pays for its add-ons.`).waitFor()
    await theirs.page.goto(`${baseUrl}/dashboard/account/activity`)
    await theirs.page.getByText(`Took over the app a-gift from ${who.email}`).waitFor()
    await page.goto(`${baseUrl}/dashboard/account/activity`)
    await page.getByText(`Gave the app a-gift to ${bob.email}`).waitFor()
  })

  test('an offer that is withdrawn meanwhile says so to whoever accepts it', async () => {
    const { page, baseUrl } = house
    await offer('another-gift')
    await theirs.page.goto(`${baseUrl}/dashboard`)
    await offerOf('another-gift').waitFor()
    await page.getByRole('button', { name: 'Withdraw the offer' }).click()
    await page.getByRole('button', { name: 'Give to another owner' }).waitFor()
    await offerOf('another-gift').getByRole('button', { name: 'Accept' }).click()
    await theirs.page
      .getByRole('status')
      .getByText(/find|settled|withdrawn/)
      .waitFor()
    expect(await theirs.page.getByRole('link', { name: 'another-gift' }).count()).toBe(0)
    // What can't be accepted any more is not offered any more.
    await offerOf('another-gift').waitFor({ state: 'detached' })
  })

  test('a member’s role is changed: an admin who becomes a viewer no longer sees what is for admins', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    await ask('POST', '/teams', { name: 'crew' })
    await ask('POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
    await ask('PATCH', '/apps/crew-app/config-vars', { GREETING: 'hello' })
    await ask('POST', '/teams/crew/members', { email: bob.email, role: 'admin' })
    await theirs.page.goto(`${baseUrl}/dashboard/teams/crew`)
    await theirs.page.getByRole('link', { name: 'Activity' }).click()
    await theirs.page.getByText('Made the app crew-app').waitFor()
    await theirs.page.goto(`${baseUrl}/dashboard/apps/crew-app/config-vars`)
    await theirs.page.getByText('GREETING').first().waitFor()

    await page.goto(`${baseUrl}/dashboard/teams/crew`)
    await page.getByLabel(`Role of ${bob.email}`).selectOption('viewer')
    await page.getByText(`${bob.email} is viewer now.`).waitFor()

    await theirs.page.goto(`${baseUrl}/dashboard/teams/crew`)
    await theirs.page.getByText('You are viewer of this team.').waitFor()
    await theirs.page.getByRole('link', { name: 'crew-app' }).waitFor()
    for (const gone of ['Invite somebody', 'Delete the team', `Remove ${who.email}`])
      expect(await theirs.page.getByRole('button', { name: gone }).count(), gone).toBe(0)
    expect(await theirs.page.getByRole('link', { name: 'Activity' }).count()).toBe(0)
    await holdsUp(theirs.page, 'team-as-viewer')
    await theirs.page.goto(`${baseUrl}/dashboard/teams/crew/activity`)
    await theirs.page.getByText('This is for the team’s admins').waitFor()
    // The server holds to it, whatever a page shows.
    await theirs.page.goto(`${baseUrl}/dashboard/apps/crew-app/config-vars`)
    await theirs.page.getByText('can’t be shown to you').first().waitFor()
    expect(await theirs.page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
    expect(await theirs.page.getByText('GREETING').count()).toBe(0)
    await holdsUp(theirs.page, 'config-as-viewer')
  })

  test('a member who is removed finds neither the team nor its apps', async () => {
    const { page, baseUrl, holdsUp } = house
    await theirs.page.goto(`${baseUrl}/dashboard`)
    await theirs.page.getByRole('link', { name: 'crew-app' }).waitFor()
    await page.goto(`${baseUrl}/dashboard/teams/crew`)
    await page.getByRole('button', { name: `Remove ${bob.email}` }).click()
    await page.getByRole('dialog').getByText('They lose access to all apps of the team').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText(`${bob.email} is no longer in crew.`).waitFor()
    await page.getByRole('button', { name: `Remove ${bob.email}` }).waitFor({ state: 'detached' })

    await theirs.page.reload()
    await theirs.page.getByRole('link', { name: 'a-gift' }).waitFor()
    expect(await theirs.page.getByRole('link', { name: 'crew-app' }).count()).toBe(0)
    await theirs.page.goto(`${baseUrl}/dashboard/teams/crew`)
    await theirs.page.getByText('No such team').waitFor()
    await theirs.page.goto(`${baseUrl}/dashboard/apps/crew-app`)
    await theirs.page.getByText("Couldn't find that app.").waitFor()

    await page.goto(`${baseUrl}/dashboard/teams/crew/activity`)
    await page.getByText(`${bob.email} is no longer in crew`).waitFor()
    await page.getByText(`Made ${bob.email} viewer of crew`).waitFor()
    await holdsUp(page, 'team-activity-with-apps')
  })

  test('a program is let in by somebody, and loses its keys when they revoke it', async () => {
    const { baseUrl, ask, holdsUp } = house
    const redirect_uri = 'http://localhost:9/back'
    const client = await ask<{ id: string; secret: string }>('POST', '/oauth/clients', { name: 'Board', redirect_uri })
    // Nothing listens there: where the browser is sent is all that counts.
    await theirs.page.route(`${redirect_uri}**`, (route) => route.fulfill({ body: 'back at the program' }))
    const query = new URLSearchParams({ client_id: client.body.id, response_type: 'code', scope: 'read', state: 's1' })
    await theirs.page.goto(`${baseUrl}/oauth/authorize?${query}`)
    await holdsUp(theirs.page, 'consent')
    await theirs.page.getByRole('button', { name: 'Allow' }).click()
    await theirs.page.getByText('back at the program').waitFor()
    const code = new URL(theirs.page.url()).searchParams.get('code')
    const fields = { grant_type: 'authorization_code', code, client_secret: client.body.secret }
    const traded = await ask<{ access_token: string; refresh_token: string }>('POST', '/oauth/token', fields)
    const asked = async () => {
      const authorization = `Bearer ${traded.body.access_token}`
      return (await fetch(`${baseUrl}/account`, { headers: { authorization } })).status
    }
    expect(await asked()).toBe(200)

    await theirs.page.goto(`${baseUrl}/dashboard/account`)
    await theirs.page.getByRole('button', { name: /^End .*Board/ }).click()
    await theirs.page.getByRole('dialog').getByRole('button', { name: 'End it' }).click()
    await theirs.page.getByRole('dialog').waitFor({ state: 'detached' })
    await theirs.page.getByRole('button', { name: /^End .*Board/ }).waitFor({ state: 'detached' })
    expect(await asked()).toBe(401)
    const { refresh_token, access_token } = traded.body
    const again = { grant_type: 'refresh_token', refresh_token, client_secret: client.body.secret }
    expect((await ask('POST', '/oauth/token', again)).status).toBe(401)
    await theirs.page.goto(`${baseUrl}/dashboard/account/activity`)
    await theirs.page.getByText('Took back the token “Allowed in the browser: Board”').waitFor()
    await holdsUp(theirs.page, 'account-activity-program')
    for (const secret of [access_token, refresh_token]) expect(await theirs.page.content()).not.toContain(secret)
  })
})
