import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { manifestOf } from '../../platform/addons/test-addons.js'
import { addAddon, createApp, signIn } from '../../web/browser/flows.js'
import { lyingProvider } from '../lying-provider.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// A provider looks after its service.
describe.skipIf(!executablePath)('a provider at a browser', () => {
  let house: BrowserHouse

  beforeAll(async () => {
    house = await browserHouse()
    await signIn(house, who)
    const app = await createApp(house, 'shop')
    await addAddon(house, { app, service: 'Mortise PostgreSQL', plan: 'Mini' })
  })
  afterAll(async () => {
    await house?.stop()
  })

  test('a provider sees its services: inspection, plans, requests both ways, installs, what a manifest changed, and its secret once', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await ask<{ contents: Record<string, unknown> }>(method, path, body)
      expect(answer.status, `${method} ${path}`).toBeLessThan(300)
      return answer.body
    }
    const at = '/api/v3/addons/mortise-postgresql'
    const { contents } = await call('GET', `${at}/current_manifest`)
    await call('POST', `${at}/manifests`, { contents: { ...contents, description: 'Databases, one for each app.' } })

    await page.goto(`${baseUrl}/portal`)
    await page.getByRole('link', { name: 'mortise-postgresql' }).waitFor()
    await holdsUp(page, 'portal')
    await page.getByRole('link', { name: 'mortise-postgresql' }).click()
    await page.getByText('It was not inspected yet').waitFor()
    // A service of a localhost installation is listed at once, and not billed before somebody says so.
    await call('PATCH', '/addon-services/mortise-postgresql', { state: 'alpha' })
    await page.reload()
    await page.getByRole('button', { name: 'Make it beta' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Make it beta' }).click()
    await page.getByText('Next: generally available.').waitFor()
    expect(await page.getByText('Missing').count()).toBe(4)
    expect(await page.getByRole('button', { name: 'Make it generally available' }).isDisabled()).toBe(true)
    const check = (id: string, status: string) => ({
      id,
      status,
      title: `The ${id} answers`,
      reason: `It said ${status}.`,
      advice: 'Read the log.',
    })
    await call('POST', `${at}/inspections`, { checks: [check('provision', 'pass'), check('plan', 'warn')] })
    await page.getByText('1 passed, 1 with a warning').waitFor()
    await page.getByText('Missing').first().waitFor({ state: 'detached' })
    const steps = [
      'An inspection is reported',
      'It passed',
      'It is of the manifest in force (2)',
      'It is less than 30 days old',
    ]
    for (const step of steps) await page.getByRole('listitem').filter({ hasText: step }).waitFor()
    await holdsUp(page, 'portal-service')
    await page.getByRole('button', { name: 'Make it generally available' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Make it generally available' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    // It is the last stage: what is billed stands there as a fact, and nothing as next.
    await page.getByText('Next:').waitFor({ state: 'detached' })
    await page.getByText('what is ordered is billed').waitFor()
    await page.getByRole('link', { name: 'Requests' }).click()
    await page.getByText('POST base_url').first().waitFor()
    await page.getByText('You asked the platform').first().waitFor()
    await holdsUp(page, 'portal-requests')
    await page.getByRole('button', { name: 'To you' }).click()
    await page.getByText('You asked the platform').first().waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'POST base_url' }).first().click()
    const sent = page.getByRole('region', { name: 'Platform sent' })
    await sent.getByText('"plan": "mini"').waitFor()
    await page
      .getByRole('region', { name: 'You answered' })
      .getByText(/"DATABASE_URL": "\[text, /)
      .waitFor()
    expect(await page.content()).not.toMatch(/postgres(ql)?:\/\//)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await sent.getByRole('button', { name: 'Copy what is under Platform sent' }).click()
    await sent.getByText('Copied').waitFor()
    expect(JSON.parse(await page.evaluate('navigator.clipboard.readText()'))).toMatchObject({ plan: 'mini' })
    await holdsUp(page, 'portal-request-open')
    await page.getByRole('link', { name: 'Installs' }).click()
    await page.getByText('In use').first().waitFor()
    await holdsUp(page, 'portal-installs')
    await page.getByRole('link', { name: 'Manifests' }).click()
    await page.getByText('+   "description": "Databases, one for each app."').waitFor()
    expect(await page.content()).not.toContain(String((contents['api'] as { password: string }).password))
    await holdsUp(page, 'portal-manifests')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('button', { name: 'Reset' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Type mortise-postgresql to confirm').fill('mortise-postgresql')
    await holdsUp(page, 'portal-reset')
    await dialog.getByRole('button', { name: 'Reset secret' }).click()
    await page.getByText('It is shown this once').waitFor()
    await page.goto(`${baseUrl}/marketplace/mortise-postgresql`)
    await page.getByText(/Passed inspection/).waitFor()
    await holdsUp(page, 'marketplace-inspected')
    await page.goto(`${baseUrl}/marketplace`)
    await page.getByText('Inspected', { exact: true }).waitFor()
    await holdsUp(page, 'marketplace-inspected-list')
  })

  test('a provider asks for the next stage, takes it back, is declined with words, and is moved on', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    // Somebody else's service: the operator of this house has a button of its own on theirs.
    const invited = await ask<{ url: string }>('POST', '/invites', { email: 'ann@example.com' })
    const context = await house.browser.newContext({ viewport: { width: 1280, height: 900 } })
    const ann = await context.newPage()
    await ann.goto(invited.body.url)
    await ann.getByLabel('Password', { exact: true }).fill('a-password-for-ann-0123')
    await ann.getByLabel('The same again').fill('a-password-for-ann-0123')
    await ann.getByRole('button', { name: 'Make my account' }).click()
    await ann.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
    // As her session: a page has no form for a manifest.
    const push = { method: 'POST', body: JSON.stringify({ contents: manifestOf('anns-db') }) }
    const headers = { 'content-type': 'application/json', 'x-mortise-web': '1' }
    const asked = JSON.stringify({ ...push, headers })
    const pushed = await ann.evaluate(
      `fetch('/api/v3/addons/anns-db/manifests', ${asked}).then(({ status }) => status)`,
    )
    expect(pushed).toBe(201)
    await ask('PATCH', '/addon-services/anns-db', { state: 'alpha' })

    await ann.goto(`${baseUrl}/portal/anns-db`)
    await ann.getByRole('button', { name: 'Ask for beta' }).click()
    const dialog = ann.getByRole('dialog')
    await dialog.getByLabel('Note to the operator').fill('ü'.repeat(600))
    await dialog.getByText('A note has at most 1 KiB.').waitFor()
    await dialog
      .getByLabel('Note to the operator')
      .fill('Twelve customers tried it since June, and all of them stayed.')
    await holdsUp(ann, 'portal-stage-ask')
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
    await ann.getByText('Asked', { exact: true }).waitFor()
    await holdsUp(ann, 'portal-stage-asked')
    await ann.getByRole('button', { name: 'Withdraw the request' }).click()
    await ann.getByRole('button', { name: 'Ask for beta' }).click()
    await dialog.getByLabel('Note to the operator').fill('With docs now.')
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
    await ann.getByText('Your note: “With docs now.”').waitFor()

    await page.goto(`${baseUrl}/operator/providers`)
    await page.getByText('This stage asks for no checks.').waitFor()
    await page.getByRole('button', { name: 'Decline: anns-db' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('Its support address does not answer.')
    await holdsUp(page, 'operator-stage-decline')
    await page.getByRole('dialog').getByRole('button', { name: 'Decline' }).click()
    await page.getByText('Asked to be moved on').waitFor({ state: 'detached' })
    await ann.getByText('The operator: “Its support address does not answer.”').waitFor()
    await holdsUp(ann, 'portal-stage-declined')
    await ask('PATCH', '/addon-services/anns-db', { state: 'beta' })
    await ann.getByRole('button', { name: 'Ask for general availability' }).click()
    await dialog.getByText('Something is still missing').waitFor()
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
    await ann.getByText('Asked', { exact: true }).waitFor()
    // It is there by itself: the operator looks on.
    await page.getByText('Missing').first().waitFor()
    expect(await page.getByText('Missing').count()).toBe(4)
    await holdsUp(page, 'operator-stage-requests')
    await page.getByRole('button', { name: 'Move on: anns-db' }).click()
    await page.getByRole('dialog').getByLabel('Why').fill('Inspected in our own pipeline.')
    await page.getByRole('dialog').getByRole('button', { name: 'Move to general availability' }).click()
    await page.getByText('Asked to be moved on').waitFor({ state: 'detached' })
    await ann.getByText('what is ordered is billed').waitFor()
    await context.close()
  })

  test('a provider edits its plans, gives and withdraws passes, and deprecates a plan that is then not for others', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    await page.goto(`${baseUrl}/portal/mortise-postgresql`)
    await page.getByRole('link', { name: 'Plans' }).click()
    await page.getByText('Nobody has a pass').waitFor()
    await page.getByLabel('E-mail').fill('grace@example.com')
    await page.getByLabel('For').selectOption({ label: 'Mini' })
    await page.getByRole('button', { name: 'Give a pass' }).click()
    await page.getByText('The plan mini').waitFor()
    await page.getByRole('button', { name: 'Edit Mini' }).click()
    const dialog = page.getByRole('dialog')
    await holdsUp(page, 'portal-plan')
    await dialog.getByLabel('Price a month, in dollars').fill('many')
    await dialog.getByText('Write an amount, such as 12.50.').waitFor()
    await dialog.getByLabel('Price a month, in dollars').fill('7.50')
    await dialog.getByText('who has the plan keeps the price').waitFor()
    await dialog.getByLabel('State').selectOption({ label: 'Deprecated' })
    await dialog.getByRole('button', { name: 'Save' }).click()
    // The server's own words: one plan is the default, and that one has to be open.
    await dialog.getByText(/The default plan mini is deprecated/).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    const plans = await ask<{ name: string; human_name: string; default: boolean }[]>(
      'GET',
      '/addon-services/mortise-postgresql/plans',
    )
    const other = plans.body.find((plan) => !plan.default)?.human_name ?? ''
    await page.getByRole('button', { name: `Edit ${other}` }).click()
    await dialog.getByLabel('What people get who name no plan').check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Edit Mini' }).click()
    await dialog.getByLabel('Price a month, in dollars').fill('7.50')
    await dialog.getByLabel('State').selectOption({ label: 'Deprecated' })
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Who has it keeps it, at its price').waitFor()
    await page.getByRole('button', { name: 'Add a plan' }).click()
    await dialog.getByLabel('Name', { exact: true }).fill('founders')
    await dialog.getByLabel('Title').fill('Founders')
    await dialog.getByLabel('State').selectOption({ label: 'Invite only' })
    await dialog.getByRole('button', { name: 'Add plan' }).click()
    await page.getByText('For you and whom you give a pass.').waitFor()
    await holdsUp(page, 'portal-plans')
    const now = await ask<Record<string, unknown>[]>('GET', '/addon-services/mortise-postgresql/plans')
    expect(now.body).toContainEqual(
      expect.objectContaining({
        name: 'mortise-postgresql:mini',
        state: 'deprecated',
        price: expect.objectContaining({ cents: 750 }),
      }),
    )
    const [held] = (await ask<{ name: string; billed_price: { cents: number } }[]>('GET', '/apps/shop/addons')).body
    expect(held?.billed_price.cents).toBe(500)
    await page.getByRole('button', { name: 'Withdraw the pass of grace@example.com' }).click()
    await dialog.getByRole('button', { name: 'Withdraw' }).click()
    await page.getByText('Nobody has a pass').waitFor()
  })

  test('a provider sees its webhooks, what each try was answered, and sends one again', async () => {
    const { page, baseUrl, ask, holdsUp } = house
    const provider = await lyingProvider('password-of-32-random-characters', 'fast-db')
    const answers = [500]
    const receiver = http.createServer((req, res) => {
      req.resume()
      const code = answers.shift() ?? 204
      res.writeHead(code).end(code === 500 ? 'the database is away' : '')
    })
    receiver.listen(0, '127.0.0.1')
    try {
      await new Promise((ready) => receiver.once('listening', ready))
      const contents = manifestOf(
        'fast-db',
        { plans: [{ name: 'mini', default: true, actions: [{ label: 'Make a backup', action: 'backup' }] }] },
        {
          production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
        },
      )
      const pushed = await ask<{ client_secret: string }>('POST', '/api/v3/addons/fast-db/manifests', { contents })
      const made = await ask<{ id: string; name: string }>('POST', '/apps/shop/addons', { plan: 'fast-db:mini' })
      expect(made.status).toBe(201)
      // As the provider does it: its grant's code for a token, and a webhook with that.
      const asked = provider.received.find(({ method }) => method === 'POST')
      const grant = asked?.body?.['oauth_grant'] as { code: string } | undefined
      const traded = await ask<{ access_token: string }>('POST', '/oauth/token', {
        ...{ grant_type: 'authorization_code', code: grant?.code, client_secret: pushed.body.client_secret },
      })
      const { port } = receiver.address() as AddressInfo
      const hooked = await fetch(`${baseUrl}/addons/${made.body.id}/webhooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${traded.body.access_token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ include: ['api:addon'], level: 'sync', url: `http://127.0.0.1:${port}/hooks` }),
      })
      expect(hooked.status).toBe(201)
      await page.goto(`${baseUrl}/portal/fast-db/webhooks`)
      await page.getByText('Works').waitFor()
      await page.getByText('Nothing was sent yet').waitFor()
      await ask('PATCH', `/apps/shop/addons/${made.body.name}`, { name: 'db-of-shop' })
      await page.getByText('Tried again soon').waitFor()
      await page.getByText('Fails since').waitFor()
      await page.getByText('The attempt').click()
      await page.getByText('the database is away').waitFor()
      await holdsUp(page, 'portal-webhooks')
      await page.getByRole('button', { name: 'Send again: api:addon of db-of-shop' }).click()
      await page.getByText('Taken').waitFor()
      await page.getByText('2 tries · answered 204').waitFor()
      // What its plan offers to do stands beside the add-on, for its customer.
      const other = await house.context.newPage()
      await other.goto(`${baseUrl}/dashboard/apps/shop/resources`)
      const button = other.getByRole('link', { name: 'Make a backup: db-of-shop' })
      expect(await button.getAttribute('href')).toMatch(/\/sso\/apps\/shop\/addons\/db-of-shop\?action=backup$/)
      await holdsUp(other, 'resources-with-actions')
      await other.close()
      await page.getByText('Works').waitFor()
    } finally {
      receiver.close()
      await provider.stop()
    }
  })
})
