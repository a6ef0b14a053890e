import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { addAddon, createApp, openAddon, removeAddon, setConfigVar, signIn, signOut } from '../web/browser/flows.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'

// A person at a browser, the real platform and the real provider: one story, told in order.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 })

const root = fileURLToPath(new URL('..', import.meta.url))
const pictures = path.join(root, 'screenshots')
const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (file) => file && existsSync(file),
)
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const who = { email: 'operator@example.com', password: 'a-password-for-the-browser' }

/** Starts one of our own programs and waits for the line that says it is ready. */
async function start(children: ChildProcess[], args: string[], ready: RegExp): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MORTISE_EMAIL: who.email,
      MORTISE_PASSWORD: who.password,
      MORTISE_API_KEY: 'browser-test-key-0123456789',
    },
  })
  children.push(child)
  let said = ''
  return new Promise((resolve, reject) => {
    const take = (part: Buffer) => {
      said += part
      const found = ready.exec(said)
      if (found) resolve(found[1] ?? '')
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.once('exit', (code) => reject(new Error(`${args.at(0)} ended with ${code}: ${said}`)))
  })
}

describe.skipIf(!executablePath)('a person at a browser', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'mortise-browser-'))
  const children: ChildProcess[] = []
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let baseUrl: string
  let app: string
  let addon: string
  let lying: LyingProvider | undefined

  beforeAll(async () => {
    chmodSync(dir, 0o711)
    mkdirSync(pictures, { recursive: true })
    baseUrl = await start(
      children,
      ['bin/mortise', 'server', '--port', '0', '--data-dir', path.join(dir, 'platform')],
      /ready at (\S+)/,
    )
    const provider = [
      'providers/postgresql/dist/main.js',
      '--data-dir',
      path.join(dir, 'provider'),
      '--platform',
      baseUrl,
    ]
    await start(children, provider, /ready at (\S+)/)
    const push = spawn(process.execPath, ['providers/postgresql/dist/main.js', '--push', ...provider.slice(1)], {
      cwd: root,
      env: { ...process.env, MORTISE_API_KEY: 'browser-test-key-0123456789' },
    })
    expect(await new Promise((done) => push.once('exit', done))).toBe(0)
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    })
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    page = await context.newPage()
  })

  afterAll(async () => {
    await browser?.close()
    await lying?.stop()
    for (const child of children.reverse()) {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      if (child.exitCode === null) await gone
    }
    rmSync(dir, { recursive: true, force: true })
  })

  /** Nothing that keeps somebody with a screen reader out, nothing cut off at the side; and pictures to look at. */
  async function holdsUp(of: Page, name: string) {
    for (const theme of ['light', 'dark'] as const) {
      for (const width of [1280, 390]) {
        await of.emulateMedia({ colorScheme: theme })
        await of.setViewportSize({ width, height: 900 })
        await of.waitForTimeout(150)
        await of.screenshot({ path: path.join(pictures, `${name}-${theme}-${width}.png`), fullPage: true })
        const overflow = await of.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect(overflow, `${name} is wider than a window of ${width}`).toBeLessThanOrEqual(0)
        // Through the debugger's door: the page's own policy lets no script in, and should not.
        const found = (await of.evaluate(
          `${axe}; axe.run().then(({ violations }) => violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' ')))`,
        )) as string[]
        expect(found, `${name}, ${theme}, ${width}`).toEqual([])
      }
    }
    await of.emulateMedia({ colorScheme: 'light' })
    await of.setViewportSize({ width: 1280, height: 900 })
  }

  test('the marketplace is there without signing in, with plans and prices', async () => {
    await page.goto(`${baseUrl}/marketplace`)
    await page
      .getByRole('link', { name: /Mortise PostgreSQL/ })
      .first()
      .waitFor()
    await holdsUp(page, 'marketplace')
    await page.goto(`${baseUrl}/marketplace/mortise-postgresql`)
    await page.getByRole('cell', { name: '$5', exact: true }).first().waitFor()
    await holdsUp(page, 'service')
  })

  test('signing in is asked where it is needed, and leads back there', async () => {
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByLabel('Password').waitFor()
    await holdsUp(page, 'sign-in')
    await page.getByLabel('E-mail').fill(who.email)
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await signIn({ page, baseUrl }, who, '/dashboard')
    // The session is nothing that a script can read.
    expect(await page.evaluate('document.cookie')).toBe('')
  })

  test('an app is made, and an add-on from the catalog with its config var', async () => {
    app = await createApp({ page, baseUrl }, 'shop')
    await holdsUp(page, 'app-empty')
    addon = await addAddon({ page, baseUrl }, { app, service: 'Mortise PostgreSQL', plan: 'Mini' })
    await page.getByText('DATABASE_URL').first().waitFor()
    await holdsUp(page, 'app')
    await setConfigVar({ page, baseUrl }, app, 'GREETING', 'hello')
    await holdsUp(page, 'config-vars')
    await page.goto(`${baseUrl}/dashboard/apps/${app}/releases`)
    await page.getByText(`Attach DATABASE (@${addon})`).waitFor()
    await holdsUp(page, 'releases')
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByRole('link', { name: /shop/ }).first().waitFor()
    await holdsUp(page, 'dashboard')
  })

  test("one click lands on the provider's own page, signed in, under our header and with nothing that does not belong there", async () => {
    const tab = await openAddon({ page, baseUrl }, app, addon)
    await tab.getByRole('heading', { name: addon }).waitFor()
    const text = await tab.locator('body').innerText()
    expect(text).toContain(app)
    expect(text).toContain('Mini')
    expect(text).not.toMatch(/password|billing|log ?out|sign ?out/i)
    await tab.getByRole('link', { name: `Back to ${app}` }).waitFor()
    expect(await tab.evaluate('document.cookie')).toContain('heroku-nav-data=')
    await holdsUp(tab, 'provider')
    // What was posted once is good for nothing a second time, and nothing at all from somebody else.
    const forged = await tab.request.post(`${new URL(tab.url()).origin}/heroku/sso`, {
      form: {
        resource_id: new URL(tab.url()).pathname.split('/').at(-1) ?? '',
        timestamp: '1700000000',
        user_scoped_resource_token: 'a'.repeat(64),
        user_id: 'x',
        email: 'x@example.com',
        app,
      },
      maxRedirects: 0,
    })
    expect(forged.status()).toBe(403)
    await tab.close()
  })

  test('the operator sees what a provider left undone, reads its story, and asks again', async () => {
    const provider = await lyingProvider('lying-password-0123456789', 'fast-db')
    lying = provider
    const manifest = {
      id: 'fast-db',
      name: 'Fast DB',
      api: {
        version: '1',
        password: 'lying-password-0123456789',
        sso_salt: 'lying-salt-0123456789',
        config_vars: ['FAST_DB_URL'],
        regions: ['*'],
        production: { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` },
      },
    }
    const key = { authorization: 'Bearer browser-test-key-0123456789', 'content-type': 'application/json' }
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(baseUrl + path, { method: 'POST', headers: key, body: JSON.stringify(body) })
      return { status: answer.status, body: await answer.text() }
    }
    expect(await post('/api/v3/addons/fast-db/manifests', { contents: manifest })).toMatchObject({ status: 201 })
    // Made, and not a word of it: nobody knows by which id it could be removed.
    provider.lie('POST', { acts: true, hangUp: true })
    const order = await post(`/apps/${app}/addons`, { plan: 'fast-db', name: 'lost-in-silence' })
    expect(order.status, order.body).toBeGreaterThan(400)

    await page.goto(`${baseUrl}/operator`)
    await page.getByRole('link', { name: 'lost-in-silence at fast-db' }).waitFor()
    await holdsUp(page, 'operator')
    await page.getByRole('link', { name: 'Create lost-in-silence' }).click()
    await page.getByRole('heading', { name: 'The story' }).waitFor()
    await holdsUp(page, 'operator-story')
    await page.goto(`${baseUrl}/operator/ledger`)
    await page.getByRole('heading', { name: 'lost-in-silence' }).waitFor()
    await holdsUp(page, 'operator-ledger')
    await page.getByRole('button', { name: 'Forget lost-in-silence' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Type lost-in-silence to confirm').fill('lost-in-silence')
    await dialog.getByLabel('Why').fill('Seen at the provider, and removed there by hand.')
    await holdsUp(page, 'operator-forget')
    await dialog.getByRole('button', { name: 'Forget' }).click()
    await page.getByRole('heading', { name: 'lost-in-silence' }).waitFor({ state: 'detached' })
    // It begins to tell what it keeps, and two of that nobody here has asked for.
    const [left, theirs] = [randomUUID(), randomUUID()]
    for (const stray of [left, theirs]) provider.resources.set(stray, 'small')
    const listing = { ...manifest, api: { ...manifest.api, lists_resources: true } }
    expect(await post('/api/v3/addons/fast-db/manifests', { contents: listing })).toMatchObject({ status: 201 })
    expect(await post('/providers/fast-db/actions/compare', {})).toMatchObject({ status: 202 })
    await page.getByRole('heading', { name: theirs }).waitFor()
    await page.getByRole('heading', { name: left }).waitFor()
    await holdsUp(page, 'operator-discrepancies')
    await page.getByRole('button', { name: `Adopt ${left}` }).click()
    await dialog.getByLabel('Type fast-db to confirm').fill('fast-db')
    await dialog.getByLabel('Why').fill('Left from before the backup.')
    await holdsUp(page, 'operator-adopt')
    await dialog.getByRole('button', { name: 'Adopt' }).click()
    await expect.poll(() => provider.resources.has(left), { timeout: 30_000 }).toBe(false)
    await page.getByRole('button', { name: `Forget ${theirs}` }).click()
    await dialog.getByLabel('Type fast-db to confirm').fill('fast-db')
    await dialog.getByLabel('Why').fill('It belongs to the other platform.')
    await dialog.getByRole('button', { name: 'Forget' }).click()
    await page.getByText('Nothing is open.').waitFor()
    await holdsUp(page, 'operator-discrepancies-none')
    expect(provider.resources.has(theirs)).toBe(true)
    // A provider that is gone altogether: its orders are tried three times, and then nothing more is sent to it.
    await page.goto(`${baseUrl}/operator/providers`)
    const fine = page.getByRole('listitem').filter({ hasText: 'mortise-postgresql' })
    await fine.getByText('Answers', { exact: true }).waitFor()
    await provider.stop()
    lying = undefined
    for (const name of ['never-sent-1', 'never-sent-2', 'never-sent-3', 'never-sent-4', 'never-sent-5']) {
      const answer = await post(`/apps/${app}/addons`, { plan: 'fast-db', name })
      // On a machine that is busy the tries outlast the customer's wait, and the order is taken instead.
      expect([202, 503], answer.body).toContain(answer.status)
    }
    const sick = page.getByRole('listitem').filter({ hasText: 'fast-db' })
    await sick.getByText('Circuit open').waitFor()
    await holdsUp(page, 'operator-providers')
    await page.goto(`${baseUrl}/operator/workers`)
    await page.getByText('Alive').waitFor()
    await holdsUp(page, 'operator-workers')
  })

  test('a provider sees its services: inspection, plans, requests both ways, installs, what a manifest changed, and its secret once', async () => {
    const key = { authorization: 'Bearer browser-test-key-0123456789', 'content-type': 'application/json' }
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await fetch(baseUrl + path, {
        method,
        headers: key,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      expect(answer.status, `${method} ${path}`).toBeLessThan(300)
      return (await answer.json()) as { contents: Record<string, unknown> }
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

  test('one changes the name that others see, and the password, which the old one then is not', async () => {
    await page.goto(`${baseUrl}/dashboard`)
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Your account' }).click()
    await page.getByRole('heading', { name: 'Your account' }).waitFor()
    await holdsUp(page, 'account')
    await page.getByRole('textbox', { name: 'Name' }).fill('Grace')
    await page.getByRole('button', { name: 'Save the name' }).click()
    await page.getByText('Your name is saved.').waitFor()
    const change = async (current: string, wanted: string, again = wanted) => {
      await page.getByLabel('Password in force').fill(current)
      await page.getByLabel('New password', { exact: true }).fill(wanted)
      await page.getByLabel('New password again').fill(again)
      await page.getByRole('button', { name: 'Change the password' }).click()
    }
    await change(who.password, 'the next password', 'another password')
    await page.getByText('The two are not the same.').waitFor()
    await change('not the password', 'the next password')
    await page.getByRole('alert').getByText('password is wrong').waitFor()
    await holdsUp(page, 'account-refused')
    await change(who.password, 'the next password')
    await page.getByText('Your password is changed.').waitFor()
    await change('the next password', who.password)
    await page.getByText('Your password is changed.').nth(1).waitFor()
  })

  test("it is removed by typing the app's name, and signing out ends the session", async () => {
    await removeAddon({ page, baseUrl }, app, addon)
    await page.getByText('DATABASE_URL').waitFor({ state: 'detached' })
    await signOut({ page, baseUrl })
    await page.goto(`${baseUrl}/dashboard/apps/${app}`)
    await page.getByLabel('Password').waitFor()
  })
})
