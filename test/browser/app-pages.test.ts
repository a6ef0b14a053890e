import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { selfSigned } from '@mortise/certificates/certificate'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp, editConfigVars, setConfigVar, signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// The tabs of an app that need no add-on. One story, told in order.
describe.skipIf(!executablePath)("an app's pages at a browser", () => {
  let house: BrowserHouse

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    await signIn(house, who)
    await createApp(house, 'shop')
  })
  afterAll(async () => {
    await house?.stop()
  })

  test('several config vars go out as one release, after a look at what will change', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await setConfigVar(house, 'shop', 'GREETING', 'hello')
    const before = (await ask<unknown[]>('GET', '/apps/shop/releases')).body.length
    await page.goto(`${baseUrl}/dashboard/apps/shop/config-vars`)
    await page.getByRole('button', { name: 'Edit several' }).click()
    await page.getByRole('button', { name: 'Paste .env text' }).click()
    await page.getByRole('dialog').getByLabel('Text').fill('# ours\nexport LEVEL="debug"\nGREETING=hi\nnonsense')
    await page.getByText('Line 4 is no setting').waitFor()
    await holdsUp(page, 'config-paste')
    await page.getByRole('dialog').getByRole('button', { name: 'Take over 2' }).click()
    await holdsUp(page, 'config-edit')
    // Somebody else is faster, and is told of.
    await ask('PATCH', '/apps/shop/config-vars', { OTHER: 'x' })
    await page.getByRole('button', { name: 'Review changes' }).click()
    await page.getByText('The app changed while you were editing').waitFor()
    await holdsUp(page, 'config-review')
    await page.getByRole('button', { name: 'Release 2 changes' }).click()
    await page.getByRole('button', { name: 'Reveal LEVEL' }).waitFor()
    expect((await ask('GET', '/apps/shop/config-vars')).body).toEqual({ GREETING: 'hi', LEVEL: 'debug', OTHER: 'x' })
    await editConfigVars(house, 'shop', { LEVEL: 'info', MANY: 'a\nb', OTHER: null })
    expect((await ask('GET', '/apps/shop/config-vars')).body).toEqual({ GREETING: 'hi', LEVEL: 'info', MANY: 'a\nb' })
    expect((await ask<unknown[]>('GET', '/apps/shop/releases')).body.length).toBe(before + 3)
  })

  test('no value is in the page before it is revealed, and who revealed it is on record', async () => {
    const { page, baseUrl, ask } = house
    const answers: string[] = []
    page.on('response', async (answer) => {
      if (answer.url().includes('/apps/shop')) answers.push(await answer.text().catch(() => ''))
    })
    await page.goto(`${baseUrl}/dashboard/apps/shop/config-vars`)
    await page.getByRole('button', { name: 'Reveal MANY' }).waitFor()
    await page.getByRole('heading', { name: 'Your own' }).waitFor()
    await expect.poll(() => answers.join()).toContain('MANY')
    expect(answers.join()).not.toContain('a\\nb')
    await page.getByRole('button', { name: 'Reveal MANY' }).click()
    await page.getByRole('button', { name: 'Hide MANY' }).waitFor()
    const { body } = await ask<{ data: unknown }[]>('GET', '/apps/shop/activity?eq[resource]=config-read')
    expect(body.map(({ data }) => data)).toContainEqual({ names: ['MANY'] })
  })

  test('whoever has no account can not be let in, and a team takes the app over', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await ask('POST', '/teams', { name: 'crew' })
    await page.goto(`${baseUrl}/dashboard/apps/shop/access`)
    await page.getByRole('button', { name: 'Add a collaborator' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill('nobody@example.com')
    await dialog.getByRole('checkbox', { name: 'manage' }).check()
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog.getByRole('alert').waitFor()
    await holdsUp(page, 'access-refused')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('owns it and pays').waitFor()
    await page.getByRole('button', { name: 'Give to another owner' }).click()
    await page.getByRole('dialog').getByLabel('To').selectOption('crew')
    await holdsUp(page, 'access-give')
    await page.getByRole('dialog').getByRole('button', { name: 'Give the app' }).click()
    await page.getByText('The team crew owns it').waitFor()
    await page.getByRole('button', { name: 'Lock', exact: true }).click()
    await page.getByText('It is locked: only admins').waitFor()
    await holdsUp(page, 'access')
    await page.getByRole('button', { name: 'Unlock' }).click()
    await page.getByText('Every member of the team may join it').waitFor()
  })

  test('a webhook is added with its secret shown once, and a delivery that failed is replayed', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    let code = 500
    const receiver = http.createServer((request, answer) => {
      request.resume()
      answer.writeHead(code).end()
    })
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
    try {
      const { port } = receiver.address() as AddressInfo
      await page.goto(`${baseUrl}/dashboard/apps/shop/webhooks`)
      await page.getByRole('button', { name: 'Add a webhook' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Address').fill(`http://127.0.0.1:${port}/hook?key=hidden`)
      await dialog.getByRole('checkbox', { name: 'api:app', exact: true }).check()
      await holdsUp(page, 'webhooks-add')
      await dialog.getByRole('button', { name: 'Add webhook' }).click()
      await page.getByText('is shown this once').waitFor()
      await ask('PATCH', '/apps/shop/config-vars', { LEVEL: 'warn' })
      await page.reload()
      await page.getByRole('listitem').getByText('Given up').first().waitFor()
      await page.getByText('answered 500').first().waitFor()
      expect(await page.content()).not.toContain('key=hidden')
      await page.getByRole('button', { name: 'Show message' }).first().click()
      await page.getByText('"previous_data"').waitFor()
      await holdsUp(page, 'webhooks')
      code = 200
      await page.getByRole('button', { name: 'Replay' }).first().click()
      await page.getByRole('listitem').getByText('Taken').first().waitFor()
    } finally {
      receiver.closeAllConnections()
      receiver.close()
    }
  })

  test('the settings rename it, lead a domain to it, choose buildpacks, mask a drain and turn visitors away', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await page.goto(`${baseUrl}/dashboard/apps/shop/settings`)
    await page.getByRole('button', { name: 'Add a domain' }).click()
    await page.getByRole('dialog').getByLabel('Hostname').fill('www.shop.example')
    await page.getByRole('dialog').getByRole('button', { name: 'Add domain' }).click()
    await page.getByText(/^Its DNS entry points to/).waitFor()
    await page.getByRole('button', { name: 'Choose buildpacks' }).click()
    await page.getByRole('dialog').getByLabel('Buildpacks').fill('https://packs.example/own.tgz')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('listitem').getByText('https://packs.example/own.tgz').waitFor()
    await page.getByRole('button', { name: 'Add a drain' }).click()
    await page.getByRole('dialog').getByLabel('Address').fill('https://user:pa55word@127.0.0.1:9/x')
    await page.getByRole('dialog').getByRole('button', { name: 'Add drain' }).click()
    await page.getByText('https://•••@127.0.0.1:9/x', { exact: true }).waitFor()
    expect(await page.content()).not.toContain('pa55word')
    await page.getByRole('button', { name: 'Begin maintenance' }).click()
    await page.getByRole('button', { name: 'End maintenance' }).waitFor()
    await holdsUp(page, 'settings')
    await page.getByLabel('Name', { exact: true }).fill('store')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('heading', { name: 'store', level: 1 }).waitFor()
    const { body } = await ask<{ maintenance: boolean }>('GET', '/apps/store')
    expect(body.maintenance).toBe(true)
  })

  test('a certificate is given to a domain, replaced by a renewed one, and its key is in no page', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    const [now, day] = [Date.now(), 24 * 60 * 60_000]
    const pair = (days: number) => selfSigned(['www.shop.example'], new Date(now - day), new Date(now + days * day))
    const give = async ({ certificate, key }: { certificate: string; key: string }, verb: string) => {
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Certificate chain').fill(certificate)
      await dialog.getByLabel('Private key').fill(key)
      await dialog.getByRole('button', { name: verb }).click()
      await dialog.waitFor({ state: 'detached' })
    }
    await page.goto(`${baseUrl}/dashboard/apps/store/settings`)
    await page.getByText('None yet. With one').waitFor()
    await page.getByRole('button', { name: 'Add a certificate' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Certificate chain').fill('nonsense')
    await dialog.getByLabel('Private key').fill('nonsense')
    await dialog.getByRole('button', { name: 'Add certificate' }).click()
    await dialog.getByRole('alert').waitFor()
    await holdsUp(page, 'certificate-refused')
    const first = pair(10)
    await give(first, 'Add certificate')
    await page.getByText('Ends in 9 days').or(page.getByText('Ends in 10 days')).waitFor()
    await page.getByRole('button', { name: 'Certificate of www.shop.example' }).click()
    await dialog.getByLabel('Certificate').selectOption({ index: 1 })
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('used by one domain').waitFor()
    await holdsUp(page, 'certificates')
    await page.getByRole('button', { name: /^Replace / }).click()
    await give(pair(300), 'Replace certificate')
    await page.getByText('Ends in').waitFor({ state: 'detached' })
    expect(await page.content()).not.toContain('PRIVATE KEY')
    await page.getByRole('button', { name: /^Remove .*-/ }).click()
    await dialog.getByText('answer https no longer').waitFor()
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await page.getByText('None yet. With one').waitFor()
    expect((await ask('GET', '/apps/store/sni-endpoints')).body).toEqual([])
  })

  test('its activity tells who did what, with before and after, and no secret', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(`${baseUrl}/dashboard/apps/store/activity`)
    await page.getByText('Renamed the app from shop to store').waitFor()
    await page.getByText('Began maintenance').waitFor()
    expect(await page.content()).not.toContain('pa55word')
    await holdsUp(page, 'activity')
    await page.getByLabel('What').selectOption({ label: 'Config values read' })
    await page.getByText('Read the value of MANY').waitFor()
    await page.getByText('Began maintenance').waitFor({ state: 'detached' })
    await page.getByLabel('By whom').fill('somebody@example.com')
    await page.getByText('Nothing of this kind was done').waitFor()
  })

  test('it is destroyed by typing its name, and then it is not there', async () => {
    const { page, baseUrl, holdsUp, ask } = house
    await page.goto(`${baseUrl}/dashboard/apps/store/settings`)
    await page.getByRole('button', { name: 'Destroy the app' }).click()
    await holdsUp(page, 'settings-destroy')
    await page.getByRole('dialog').getByLabel('Type store to confirm').fill('store')
    await page.getByRole('dialog').getByRole('button', { name: 'Destroy app' }).click()
    await page.waitForURL(/\/dashboard$/)
    expect((await ask('GET', '/apps/store')).status).toBe(404)
  })
})
