import type { Locator, Page } from 'playwright-core'

/**
 * What a person does in the pages, said once for every test in a browser. Each waits for what the person would see
 * and throws when it does not come; nothing is asked of the server behind the pages' back.
 */
export interface Person {
  page: Page
  /** Where Mortise serves, such as `http://localhost:5055`. */
  baseUrl: string
}

/** Opens an address that needs a session, signs in where the form is shown, and ends up at that address. */
export async function signIn({ page, baseUrl }: Person, who: { email: string; password: string }, path = '/dashboard') {
  await page.goto(baseUrl + path)
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Account' }).waitFor()
  if (new URL(page.url()).pathname !== path) throw new Error(`Signing in led to ${page.url()}, not to ${path}`)
}

export async function signOut({ page }: Person) {
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
}

/** @returns the app's name, which the server chooses when none is given */
export async function createApp({ page, baseUrl }: Person, name = ''): Promise<string> {
  await page.goto(`${baseUrl}/dashboard`)
  await page.getByRole('button', { name: 'Create an app' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('button', { name: 'Create app' }).click()
  await accepted(dialog)
  await page.waitForURL(/\/dashboard\/apps\/./)
  return decodeURIComponent(new URL(page.url()).pathname.split('/').at(-1) ?? '')
}

export interface Wanted {
  app: string
  /** The service's name as people read it, such as `Mortise PostgreSQL`. */
  service: string
  /** The plan's name as people read it, such as `Mini`. */
  plan?: string
  as?: string
  /** How long the provider may take; 60 s unless told otherwise. */
  timeoutMs?: number
}

/** Adds an add-on from the app's page and waits until it is ready. @returns the add-on's name */
export async function addAddon({ page, baseUrl }: Person, wanted: Wanted): Promise<string> {
  await page.goto(`${baseUrl}/dashboard/apps/${wanted.app}`)
  await page.getByRole('button', { name: 'Add an add-on' }).waitFor()
  const before = new Set(await addonNames(page))
  await page.getByRole('button', { name: 'Add an add-on' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Service').selectOption({ label: wanted.service })
  if (wanted.plan) await dialog.getByRole('radio', { name: wanted.plan }).check()
  if (wanted.as) await dialog.getByLabel('Attached as').fill(wanted.as)
  await dialog.getByRole('button', { name: 'Add add-on' }).click()
  await accepted(dialog)

  const added = async () => (await addonNames(page)).find((name) => !before.has(name))
  const end = Date.now() + 10_000
  let name = await added()
  while (!name && Date.now() < end) {
    await page.waitForTimeout(100)
    name = await added()
  }
  if (!name) throw new Error('The new add-on is not in the list')
  await row(page, name)
    .getByText('Ready')
    .waitFor({ timeout: wanted.timeoutMs ?? 60_000 })
  return name
}

/** Removes an add-on by typing the app's name, and waits until it has left the list. */
export async function removeAddon({ page, baseUrl }: Person, app: string, addon: string, timeoutMs = 60_000) {
  await page.goto(`${baseUrl}/dashboard/apps/${app}/resources`)
  await page.getByRole('button', { name: `Remove ${addon}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(`Type ${app} to confirm`).fill(app)
  await dialog.getByRole('button', { name: 'Remove add-on' }).click()
  await accepted(dialog)
  await row(page, addon).waitFor({ state: 'detached', timeout: timeoutMs })
}

/** Moves an add-on to another plan and waits until the page shows it. `plan` is its name as people read it. */
export async function changePlan(person: Person, app: string, addon: string, plan: string) {
  const { page } = person
  await page.goto(`${person.baseUrl}/dashboard/apps/${app}/resources`)
  await page.getByRole('button', { name: `Change plan of ${addon}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: plan, exact: true }).check()
  await dialog.getByRole('button', { name: 'Change plan' }).click()
  await accepted(dialog)
  await page.getByText(`${addon} is on ${plan} now.`).waitFor()
}

export interface Lending {
  app: string
  addon: string
  /** The other app. */
  to: string
  as: string
  /** Whether it takes the place of what the other app has under these names. */
  isReplacing?: boolean
}

/** Attaches an app's add-on to another app and waits until the page shows it there. */
export async function attachAddon({ page, baseUrl }: Person, { app, addon, to, as, isReplacing }: Lending) {
  await page.goto(`${baseUrl}/dashboard/apps/${app}/resources`)
  await page.getByRole('button', { name: `Attach to another app: ${addon}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('App').selectOption(to)
  await dialog.getByLabel('Attached as').fill(as)
  if (isReplacing) await dialog.getByRole('checkbox').check()
  await dialog.locator('button[type=submit]:not([aria-disabled])').click()
  await accepted(dialog)
  await page.getByRole('button', { name: `Detach ${as} from ${to}` }).waitFor()
}

/** Takes an attachment out of an app, seen from the page of `app`. */
export async function detachAddon({ page, baseUrl }: Person, wanted: { app: string; attachment: string; of: string }) {
  await page.goto(`${baseUrl}/dashboard/apps/${wanted.app}/resources`)
  const button = page.getByRole('button', { name: `Detach ${wanted.attachment} from ${wanted.of}` })
  await button.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Detach' }).click()
  await accepted(dialog)
  await button.waitFor({ state: 'detached' })
}

/** Follows the add-on's dashboard link. @returns the tab that it opens, once it has arrived at the provider */
export async function openAddon({ page, baseUrl }: Person, app: string, addon: string): Promise<Page> {
  await page.goto(`${baseUrl}/dashboard/apps/${app}`)
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: `Open the dashboard of ${addon}` }).click(),
  ])
  // The hand-off page is ours and posts on by itself.
  await tab.waitForURL((url) => url.protocol.startsWith('http') && url.origin !== new URL(baseUrl).origin)
  await tab.waitForLoadState()
  return tab
}

/** Sets a config var of the app's own and waits until it is in the list. */
export async function setConfigVar({ page, baseUrl }: Person, app: string, name: string, value: string) {
  await page.goto(`${baseUrl}/dashboard/apps/${app}/config-vars`)
  await page.getByRole('button', { name: 'Add a config var' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByLabel('Value').fill(value)
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await accepted(dialog)
  await page.getByRole('button', { name: `Reveal ${name}` }).waitFor()
}

/** Changes several config vars as one release; `null` takes one away. Waits until the page shows their names. */
export async function editConfigVars({ page, baseUrl }: Person, app: string, change: Record<string, string | null>) {
  await page.goto(`${baseUrl}/dashboard/apps/${app}/config-vars`)
  await page.getByRole('button', { name: 'Edit several' }).click()
  const form = page.getByRole('form', { name: 'Edit config vars' })
  const set = Object.entries(change).filter(([, value]) => value !== null)
  const gone = Object.keys(change).filter((name) => change[name] === null)
  for (const name of gone) await form.getByRole('button', { name: `Remove ${name}` }).click()
  await form.getByRole('button', { name: 'Paste .env text' }).click()
  const paste = page.getByRole('dialog')
  await paste.getByLabel('Text').fill(set.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join('\n'))
  await paste.getByRole('button', { name: 'Take over' }).click()
  await form.getByRole('button', { name: 'Review changes' }).click()
  const review = page.getByRole('dialog')
  await review.getByRole('button', { name: 'Release' }).click()
  await accepted(review)
  for (const [name] of set) await page.getByRole('button', { name: `Reveal ${name}` }).waitFor()
  for (const name of gone) await page.getByRole('button', { name: `Reveal ${name}` }).waitFor({ state: 'detached' })
}

/** Waits for the dialog to close. @throws Error with the page's words when it was refused instead */
async function accepted(dialog: Locator) {
  const refusal = dialog.getByRole('alert')
  const closed = dialog.waitFor({ state: 'detached', timeout: 30_000 }).then(() => '')
  const refused = refusal.waitFor({ timeout: 30_000 }).then(() => refusal.textContent())
  refused.catch(() => {})
  closed.catch(() => {})
  const words = await Promise.race([closed, refused])
  if (words) throw new Error(`The page says: ${words}`)
}

const row = (page: Page, addon: string) => page.locator(`[data-addon="${addon}"]`)

async function addonNames(page: Page): Promise<string[]> {
  const rows = await page.locator('[data-addon]').all()
  return (await Promise.all(rows.map((one) => one.getAttribute('data-addon')))).filter((name) => name !== null)
}
