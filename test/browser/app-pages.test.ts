import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, editConfigVars, setConfigVar, signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, executablePath, who } from './house.js'

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
    await page.waitForLoadState('networkidle')
    expect(answers.join()).toContain('MANY')
    expect(answers.join()).not.toContain('a\\nb')
    await page.getByRole('button', { name: 'Reveal MANY' }).click()
    await page.getByRole('button', { name: 'Hide MANY' }).waitFor()
    const { body } = await ask<{ data: unknown }[]>('GET', '/apps/shop/activity?eq[resource]=config-read')
    expect(body.map(({ data }) => data)).toContainEqual({ names: ['MANY'] })
  })
})
