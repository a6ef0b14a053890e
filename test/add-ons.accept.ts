import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { type HerokuCli, herokuCli, type Seen } from './heroku-cli.js'
import { freePort, type Program, startProgram } from './server-process.js'

// Add-ons without a line of ours, in the languages and manners of their years: pushed by their manifest, then driven
// through a whole life with the unmodified CLI, and opened in a browser. Those of other people that were driven by hand
// stand in docs/decisions/existing-add-ons.md: their sources cannot be had from a package registry.

const root = fileURLToPath(new URL('..', import.meta.url))
const program = process.env['MORTISE_HEROKU_CLI']
const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (file) => file && existsSync(file),
)

interface AddOn {
  slug: string
  /** Language, framework, and whose manners. */
  title: string
  command: string
  /** Arguments with which it ends well when the language and its packages are here. */
  needs: string[]
  args(manifest: string, port: number): string[]
  ready: RegExp
  /** What its year's manifest looked like, of the part below `api`. */
  api(url: string): object
  /** The config var that it sets. */
  variable: string
  /** Whether it answers 202 and reports later. */
  isLater?: boolean
  /** Whether it takes an option of the customer's: by how much it counts. */
  steps?: boolean
  /** What the customer reads when the plan is made smaller; without it that is done. */
  refusal?: string
  /** What stands in its dashboard. */
  page: RegExp
}

const own = (file: string) => path.join(root, file)
const secrets = { password: 'a-password-of-an-add-on-0123456789', sso_salt: 'a-salt-of-an-add-on-0123456789abcdef' }
const post = (url: string) => ({ base_url: `${url}/heroku/resources`, sso_url: `${url}/heroku/sso` })
const kensa = { ...secrets, regions: ['us'], requires: [] }
const modern = (url: string) => ({ ...kensa, version: '3', config_vars_prefix: 'COUNTERS', production: post(url) })
const single = /^counters listens at (\S+)/m

const addOns: AddOn[] = [
  {
    slug: 'sinatra-counters',
    title: 'Ruby with Sinatra, as of 2012: numbers as ids, sign-on by link, no version in the manifest',
    command: 'ruby',
    needs: ['-e', 'require "sinatra/base"; require "thin" rescue require "webrick"'],
    args: (manifest, port) => [own('test/add-ons/counters-2012.rb'), manifest, String(port)],
    ready: /taken the stage on (\d+)/,
    // kensa's first form: one address, and so a sign-on by link.
    api: (url) => ({ ...kensa, production: `${url}/`, test: `${url}/` }),
    variable: 'SINATRA_COUNTERS_URL',
    page: /operator@example\.com: 2 on premium/,
  },
  {
    slug: 'flask-counters',
    title: 'Python with Flask, as of 2016: sign-on by form with the first token, null and unknown fields in answers',
    command: 'python3',
    needs: ['-c', 'import flask'],
    args: (manifest, port) => [own('test/add-ons/counters_2016.py'), manifest, String(port)],
    ready: /Running on (http:\S+)/,
    api: (url) => ({ ...kensa, version: '1', production: post(url), test: post(url) }),
    variable: 'FLASK_COUNTERS_URL',
    steps: true,
    refusal: 'A counter cannot become smaller.',
    page: /operator@example\.com: 10 on premium/,
  },
  {
    slug: 'php-counters',
    title: "PHP's own functions, as of 2020: version 3",
    command: 'php',
    needs: ['-r', 'exit(PHP_VERSION_ID >= 80100 ? 0 : 1);'],
    args: (_, port) => ['-S', `127.0.0.1:${port}`, own('examples/provider-php/provider.php')],
    ready: /Development Server \((\S+)\) started/,
    api: modern,
    variable: 'COUNTERS_URL',
    page: /operator@example\.com, .* stands at 2, on plan premium/,
  },
  {
    slug: 'java-counters',
    title: "Java with the JDK's own server, as of 2020: version 3, 202 and a report later",
    command: 'java',
    needs: ['--list-modules'],
    args: () => [own('examples/provider-java/Provider.java')],
    ready: single,
    api: modern,
    variable: 'COUNTERS_URL',
    isLater: true,
    page: /operator@example\.com, .* stands at 2, on plan premium/,
  },
]

let house: ClientHouse
let heroku: HerokuCli
let browser: Browser | undefined

beforeAll(async () => {
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-clients, which installs it.')
  house = await clientHouse('add-ons')
  heroku = herokuCli(program, path.join(house.dir, 'home'), house.url, house.apiKey)
  if (executablePath) browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  else
    console.warn('SKIPPED: the add-ons are not opened in a browser: there is no Chromium. Say `bin/setup --browser`.')
})
afterAll(async () => {
  await browser?.close()
  await house?.stop()
})

for (const addOn of addOns) {
  const isHere = spawnSync(addOn.command, addOn.needs, { stdio: 'ignore' }).status === 0
  const said = `${addOn.command} ${addOn.needs.join(' ')}`
  // Said aloud: a run without it has not tried this.
  if (!isHere) console.warn(`SKIPPED: ${addOn.title}, because \`${said}\` does not work on this machine.`)
  test.skipIf(!isHere)(`a whole life of ${addOn.slug} (${addOn.title})${isHere ? '' : ' SKIPPED'}`, () => live(addOn))
}

async function live(addOn: AddOn) {
  const { slug, variable } = addOn
  const port = await freePort()
  const manifest = path.join(house.dir, `${slug}.json`)
  const plans = [
    { name: 'test', price: { cents: 0, unit: 'month' }, default: true },
    { name: 'premium', price: { cents: 700, unit: 'month' } },
  ]
  const api = { ...addOn.api(`http://127.0.0.1:${port}`), config_vars: [variable] }
  // As the add-on reads it, and as it is pushed: one file.
  const contents = { id: slug, name: slug, api, plans }
  writeFileSync(manifest, JSON.stringify(contents))
  const pushed = await house.api('POST', `/api/v3/addons/${slug}/manifests`, { contents })
  expect(pushed.status, JSON.stringify(pushed.body)).toBe(201)

  const env = {
    PORT: String(port),
    STATE: path.join(house.dir, `${slug}-state.json`),
    ADDON_MANIFEST: manifest,
    PLATFORM: house.url,
    HOME: house.dir,
    ...(addOn.isLater ? { CLIENT_SECRET: pushed.body.client_secret } : {}),
  }
  const provider: Program = await startProgram(addOn.command, addOn.args(manifest, port), env, addOn.ready)
  try {
    const name = `uses-${slug}`
    const app = ['-a', name]
    ok(await heroku('apps:create', name))
    const options = addOn.steps ? ['--', '--step=5'] : []
    const created = ok(
      await heroku('addons:create', `${slug}:test`, '--name', `${slug}-1`, '--wait', ...app, ...options),
    )
    expect(created).toContain(`Created ${slug}-1 as ${variable}`)

    // What the app does with it.
    const address = ok(await heroku('config:get', variable, ...app)).trim()
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:/)
    for (const count of addOn.steps ? [5, 10] : [1, 2]) {
      expect(JSON.parse(await (await fetch(address, { method: 'POST' })).text())).toEqual({ count })
    }
    expect(ok(await heroku('addons', ...app))).toContain(`${slug}-1`)
    expect(ok(await heroku('addons:plans', slug))).toContain(`${slug}:premium`)
    expect(ok(await heroku('addons:upgrade', `${slug}-1`, `${slug}:premium`, ...app))).toContain('done')
    expect(ok(await heroku('addons:info', `${slug}-1`))).toContain(`${slug}:premium`)
    if (addOn.refusal) {
      const smaller = await heroku('addons:downgrade', `${slug}-1`, `${slug}:test`, ...app)
      expect(smaller.code).not.toBe(0)
      expect(smaller.text).toContain(addOn.refusal)
      expect(ok(await heroku('addons:info', `${slug}-1`))).toContain(`${slug}:premium`)
    }

    const link = ok(await heroku('addons:open', `${slug}-1`, '--show-url', ...app)).trim()
    if (browser) await opens(link, addOn.page)

    ok(await heroku('addons:destroy', `${slug}-1`, '--confirm', name, ...app))
    expect((await fetch(address, { method: 'POST' })).status, 'the provider let go of it').toBe(404)
    expect(JSON.parse((await heroku('config', '--json', ...app)).out)).toEqual({})

    // Ordered once more, and removed with its app.
    ok(await heroku('addons:create', `${slug}:premium`, '--name', `${slug}-2`, '--wait', ...app))
    const second = ok(await heroku('config:get', variable, ...app)).trim()
    expect((await fetch(second, { method: 'POST' })).status).toBe(200)
    ok(await heroku('apps:destroy', '--confirm', name, ...app))
    expect((await fetch(second, { method: 'POST' })).status, 'the provider let go of it').toBe(404)

    // Nothing is owed, and nothing is unclear between the two.
    const { body: services } = await house.api('GET', '/providers')
    const health = services.find((each: { name: string }) => each.name === slug)
    expect(health).toMatchObject({ held: 0, owed: 0, stuck: 0, fault: null })
  } catch (error) {
    throw new Error(`${(error as Error).message}\nthe add-on said: ${provider.said().slice(-2_000)}`, { cause: error })
  } finally {
    provider.kill('SIGTERM')
    await provider.exited
  }
}

/** Opens the dashboard as a person does: signed in here, then handed over. */
async function opens(link: string, text: RegExp): Promise<void> {
  const context = await (browser as Browser).newContext()
  try {
    const page: Page = await context.newPage()
    await page.goto(link)
    await page.getByLabel('E-mail').fill(house.email)
    await page.getByLabel('Password').fill(house.password)
    await page.keyboard.press('Enter')
    await page.getByText(text).waitFor({ timeout: 30_000 })
    // A platform's header finds its data in it, whatever the provider's page is made of.
    const cookies = await context.cookies()
    expect(cookies.map(({ name }) => name)).toContain('heroku-nav-data')
  } finally {
    await context.close()
  }
}

function ok(seen: Seen): string {
  expect(seen.code, seen.text).toBe(0)
  return seen.text
}
