import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAddon, createApp, signIn } from '../../web/browser/flows.js'
import { type BrowserHouse, browserHouse, executablePath, who } from './house.js'

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
    const check = (id: string, status: string) => ({
      id,
      status,
      title: `The ${id} answers`,
      reason: `It said ${status}.`,
      advice: 'Read the log.',
    })
    await call('POST', `${at}/inspections`, { checks: [check('provision', 'pass'), check('plan', 'warn')] })
    await page.getByText('1 passed, 1 with a warning').waitFor()
    await holdsUp(page, 'portal-service')
    await page.getByRole('link', { name: 'Requests' }).click()
    await page.getByText('POST base_url').first().waitFor()
    await page.getByText('You asked the platform').first().waitFor()
    await holdsUp(page, 'portal-requests')
    await page.getByRole('button', { name: 'To you' }).click()
    await page.getByText('You asked the platform').first().waitFor({ state: 'detached' })
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
})
