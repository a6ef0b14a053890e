import type { Locator, Page } from 'playwright-core'
import type { Person } from './flows.js'

/** Gives process types these quantities by the dynos page, all with one press. */
export async function scale({ page, baseUrl }: Person, app: string, quantities: Record<string, number>): Promise<void> {
  await open(page, `${baseUrl}/dashboard/apps/${app}/dynos`)
  for (const [type, quantity] of Object.entries(quantities)) {
    await page.getByLabel(`Quantity of ${type}`, { exact: true }).fill(String(quantity))
  }
  await page.getByRole('button', { name: 'Apply' }).click()
  await page.getByText('The app is scaled.').waitFor()
}

/**
 * Goes back to the newest release of that description that may be gone back to.
 * @param look is given the dialog with what would change, before it is agreed to
 * @returns the number of the release that it went back to
 */
export async function rollBack(
  { page, baseUrl }: Person,
  app: string,
  description: RegExp,
  look: (dialog: Locator) => Promise<void> = async () => undefined,
): Promise<string> {
  await open(page, `${baseUrl}/dashboard/apps/${app}/releases`)
  const row = page
    .getByRole('listitem')
    .filter({ has: page.getByText(description) })
    .first()
  const button = row.getByRole('button', { name: /^Roll back to v/ })
  const version = /\d+$/.exec((await button.getAttribute('aria-label')) ?? '')?.[0] ?? ''
  await button.click()
  const dialog = page.getByRole('dialog')
  await look(dialog)
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await dialog.waitFor({ state: 'detached' })
  return version
}

async function open(page: Page, url: string): Promise<void> {
  if (page.url() !== url) await page.goto(url)
}
