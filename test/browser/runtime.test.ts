import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { archiveOf } from '../../runtime/fixtures/slug.js'
import { createApp, setConfigVar, signIn } from '../../web/browser/flows.js'
import { rollBack, scale } from '../../web/browser/runtime-flows.js'
import { visit as visitApp } from '../deploy.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'

vi.setConfig(browserTimes)

// From an empty app to one that runs, is scaled, crashes and goes back: one story, told in order.
describe.skipIf(!executablePath)('an app that is deployed and run from its pages', () => {
  let house: BrowserHouse
  let scratch: string
  const tab = (name: string) => `${house.baseUrl}/dashboard/apps/shop/${name}`
  const soon = { timeout: 5_000 }

  beforeAll(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'mortise-runtime-'))
    house = await browserHouse({ withPostgresql: false })
    await signIn(house, who)
    await createApp(house, 'shop')
  })
  afterAll(async () => {
    await house?.stop()
    if (scratch) rmSync(scratch, { recursive: true, force: true })
  })

  /** Hands a folder in and leaves the rest to the page. */
  async function send(version: string, files: Record<string, string>): Promise<void> {
    const archive = readFileSync(await archiveOf(mkdtempSync(path.join(scratch, 'source-')), files))
    const { body: source } = await house.ask<{ source_blob: { put_url: string; get_url: string } }>('POST', '/sources')
    const { put_url, get_url } = source.source_blob
    expect((await fetch(put_url, { method: 'PUT', body: archive })).status).toBe(200)
    const blob = { source_blob: { url: get_url, version } }
    expect((await house.ask('POST', '/apps/shop/builds', blob)).status).toBe(201)
  }
  const server = (greeting: string) => ({
    'package.json': JSON.stringify({ name: 'shop', version: '1.0.0', private: true, engines: { node: '>=20' } }),
    Procfile: 'web: node server.js\nworker: node worker.js\nrelease: node release.js\n',
    'server.js': `require('http').createServer((q, a) => { console.log('asked for', q.url); a.end('${greeting}') }).listen(process.env.PORT, () => console.log('${greeting} on', process.env.PORT)); if (process.env.FRAIL) setTimeout(() => process.exit(3), 2_000)`,
    'worker.js': `console.log('at work'); setTimeout(() => undefined, 2 ** 30)`,
    'release.js': `console.log('migrating to ${greeting}')`,
  })

  test('an app without a deploy says how to make one, and shows the build and its output as it comes', async () => {
    const { page, holdsUp } = house
    await page.goto(tab('dynos'))
    await page.getByText('Nothing to run yet').waitFor()
    await page.goto(tab('deploys'))
    await page.getByText('mortise deploy -a shop').waitFor()
    await holdsUp(page, 'deploys-none')
    await send('v1 of the shop', server('hello'))
    await page.getByRole('link', { name: 'v1 of the shop' }).click(soon)
    await page.getByRole('log', { name: 'Output of the build' }).getByText('Procfile').waitFor({ timeout: 30_000 })
    await page.getByText('Succeeded').waitFor({ timeout: 60_000 })
    await page
      .getByText(/\d+ kB/)
      .first()
      .waitFor(soon)
    await holdsUp(page, 'build')
    await page.goto(tab('deploys'))
    await page.getByRole('link', { name: 'v1 of the shop' }).waitFor()
    await holdsUp(page, 'deploys')
  })

  test('a build that fails says why, in its last lines, and what to do', async () => {
    const { page, holdsUp } = house
    await send('a broken one', {
      'package.json': JSON.stringify({
        name: 'shop',
        version: '1.0.0',
        scripts: { build: 'echo about to break; exit 7' },
      }),
    })
    await page.getByRole('link', { name: 'a broken one' }).click(soon)
    await page.getByText('Failed', { exact: true }).waitFor({ timeout: 60_000 })
    await page.getByText('about to break').first().waitFor(soon)
    await page.getByText(/deploy again/).waitFor(soon)
    await holdsUp(page, 'build-failed')
  })

  test('what runs is scaled by one press, restarted and stopped, and its state shows by itself', async () => {
    const { page, holdsUp } = house
    await page.goto(tab('dynos'))
    const web = page.locator('[data-dyno="web.1"]')
    await web.getByText('Up', { exact: true }).waitFor({ timeout: 30_000 })
    await scale(house, 'shop', { web: 2, worker: 1 })
    await page.locator('[data-dyno="web.2"]').getByText('Up', { exact: true }).waitFor({ timeout: 30_000 })
    await page.locator('[data-dyno="worker.1"]').getByText('Up', { exact: true }).waitFor({ timeout: 30_000 })
    await holdsUp(page, 'dynos')
    await page.getByRole('button', { name: 'Restart web.2' }).click()
    await page.getByText('web.2 is restarting.').waitFor()
    await page.getByRole('button', { name: 'Restart all', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Restart all' }).click()
    await page.getByText('All dynos are restarting.').waitFor()
    await web.getByText('Up', { exact: true }).waitFor({ timeout: 30_000 })
  })

  test('the log is followed live, filtered, paused and cleared', async () => {
    const { page, baseUrl, holdsUp } = house
    await page.goto(tab('logs'))
    const log = page.getByRole('log', { name: 'Log lines' })
    await log.getByText('at work').first().waitFor(soon)
    await page.getByText('Live', { exact: true }).waitFor(soon)
    const visit = async (at: string) =>
      expect((await visitApp(Number(new URL(baseUrl).port), 'shop', at)).status).toBe(200)
    await visit('/first')
    await log.getByText('asked for /first').waitFor(soon)
    await holdsUp(page, 'logs')
    await page.getByRole('searchbox').fill('asked for')
    await log
      .getByText('at work')
      .first()
      .waitFor({ state: 'detached', ...soon })
    await page.getByRole('searchbox').fill('')
    await page.getByLabel('Dyno').selectOption('worker')
    await log.getByText('at work').first().waitFor(soon)
    expect(await log.getByText('asked for /first').count()).toBe(0)
    await page.getByLabel('Dyno').selectOption('')
    await log.getByText('asked for /first').waitFor(soon)
    await log.press('p')
    await page.getByText('Paused').waitFor(soon)
    await visit('/while-paused')
    await page.waitForTimeout(700)
    expect(await log.getByText('asked for /while-paused').count()).toBe(0)
    await page.getByRole('button', { name: 'Resume' }).click()
    await log.getByText('asked for /while-paused').waitFor(soon)
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByText('Nothing was said yet.').waitFor(soon)
  })

  test('a dyno that crashes says why in words', async () => {
    const { page, holdsUp } = house
    await setConfigVar(house, 'shop', 'FRAIL', 'yes')
    await page.goto(tab('dynos'))
    await page.getByText('It ended with status 3. Its log says why.').first().waitFor({ timeout: 60_000 })
    await holdsUp(page, 'dynos-crashed')
  })

  test('a release tells what it changed and what its command said, and going back shows first what would change', async () => {
    const { page, holdsUp } = house
    await page.goto(tab('releases'))
    await page.getByText('Set FRAIL config vars').waitFor()
    await page
      .getByRole('button', { name: /^Details of/ })
      .first()
      .click()
    await page.getByText('Added', { exact: true }).waitFor(soon)
    await page
      .getByRole('log', { name: /Output of the release command/ })
      .getByText('migrating to hello')
      .waitFor(soon)
    await holdsUp(page, 'releases-details')
    const version = await rollBack(house, 'shop', /^Deploy/, async (dialog) => {
      await dialog.getByText('Goes', { exact: true }).waitFor(soon)
      await dialog.getByText('FRAIL').waitFor()
      await holdsUp(page, 'rollback')
    })
    await page.getByText(`Rollback to v${version}`).waitFor(soon)
  })
})
