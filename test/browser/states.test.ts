import { createMemoryHistory } from '@tanstack/react-router'
import type { BrowserContext, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { manifestOf } from '../../platform/addons/test-addons.js'
import { signIn } from '../../web/browser/flows.js'
import { type LyingProvider, lyingProvider } from '../lying-provider.js'
import { type BrowserHouse, browserHouse, browserTimes, executablePath, who } from './house.js'
import { type PageSeen, type PageWithoutReads, pages } from './pages.js'

vi.setConfig(browserTimes)

const password = 'password-of-32-random-characters'
const words = 'The database is being moved. Ask again in a minute.'
const readers = Object.entries(pages).filter((one): one is [string, PageSeen] => 'around' in one[1])
const others = Object.entries(pages).filter((one): one is [string, PageWithoutReads] => 'reads' in one[1])

test('every page of the router is among those that are looked at in each of their states', async () => {
  // By its path: the compiler's settings for what runs here know nothing of pages.
  const file = new URL('../../web/router.tsx', import.meta.url).pathname
  const { makeRouter } = await import(/* @vite-ignore */ file)
  const router = makeRouter(createMemoryHistory()) as { routesById: Record<string, unknown> }
  expect(Object.keys(router.routesById).sort()).toEqual(Object.keys(pages).sort())
})

// Each page while nothing is there, while answers are on their way, and while the server is in trouble.
describe.skipIf(!executablePath)('a page in each of its states', () => {
  let house: BrowserHouse
  let provider: LyingProvider
  let guest: BrowserContext
  const ids = { BUILD: '', OPERATION: '' }
  const addressOf = (at: string) => house.baseUrl + at.replace(/BUILD|OPERATION/, (id) => ids[id as keyof typeof ids])

  beforeAll(async () => {
    house = await browserHouse({ withPostgresql: false })
    provider = await lyingProvider(password, 'fast-db')
    await signIn(house, who)
    guest = await guestOf(house)
  })
  afterAll(async () => {
    await house?.stop()
    await provider?.stop()
  })

  /** In a context of its own: a browser opens six connections for each, and every page keeps one for what changes. */
  async function newPage(whose?: 'guest' | 'nobody'): Promise<Page> {
    const storageState = await (whose === 'guest' ? guest : house.context).storageState()
    const look = { viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' } as const
    const context = await house.browser.newContext(whose === 'nobody' ? look : { ...look, storageState })
    return context.newPage()
  }

  async function isEmpty(id: string, { at, empty }: PageSeen): Promise<void> {
    if ('never' in empty) return
    const page = await newPage(empty.who)
    try {
      await page.goto(addressOf(empty.at ?? at))
      if (empty.typed) await page.getByLabel(empty.typed[0]).fill(empty.typed[1])
      await page.getByText(empty.says).first().waitFor()
      await isWhole(page)
      // Whoever finds nothing is told what to do about it: in a sentence under the title, or by something to press.
      for (const box of await page.locator('[data-empty]').all())
        expect(await box.locator('> *').count(), await box.innerText()).toBeGreaterThan(1)
      await house.looksRight(page, `${nameOf(id)}-empty`, { theme: 'light', width: 390 })
    } finally {
      await leave(page)
    }
  }

  // First, as it ends when the world is made.
  const fresh = readers.filter(([, { empty }]) => 'isNew' in empty && empty.isNew)
  test.concurrent.for(fresh)('%s with nothing in it', async ([id, seen]) => isEmpty(id, seen))

  test('the world is made: apps, a team, services, an add-on, a build', async () => {
    await makeWorld(house, provider, ids)
  })

  test.concurrent.for(readers)('%s while answers are on their way, and when it has none', async ([id, seen]) => {
    if (!fresh.some(([one]) => one === id)) await isEmpty(id, seen)
    const page = await newPage()
    try {
      const held: (() => void)[] = []
      let isHeld = true
      await open(page, seen, async (route) => {
        if (isHeld) await new Promise<void>((go) => held.push(go))
        await route.continue()
      })
      // Asked for by the page itself: the frame around it is there.
      await waitUntil(() => held.length > 0)
      await page
        .getByRole('status')
        .filter({ hasText: /^(Loading|Opening)/ })
        .first()
        .waitFor({ state: 'attached' })
      expect(await page.locator('[aria-busy="true"]').count()).toBeGreaterThan(0)
      // What is not known yet is not said to be nothing.
      expect(await page.locator('[data-empty]').allInnerTexts()).toEqual([])
      await house.looksRight(page, `${nameOf(id)}-loading`, { theme: 'light', width: 1280 })
      isHeld = false
      for (const go of held) go()
      await page.getByText(seen.shows).first().waitFor()
      await isWhole(page)
    } finally {
      await leave(page)
    }
  })

  test.concurrent.for(readers)('%s while the server is in trouble, and once it is not', async ([id, seen]) => {
    const page = await newPage()
    try {
      const trouble = {
        status: 503,
        contentType: 'application/json',
        body: JSON.stringify({ id: 'unavailable', message: words }),
      }
      let isInTrouble = true
      await open(page, seen, (route) => (isInTrouble ? route.fulfill(trouble) : route.continue()))
      const alerts = page.getByRole('alert')
      await alerts.first().waitFor({ timeout: 20_000 })
      await isWhole(page)
      for (const alert of await alerts.all()) {
        expect(await alert.innerText()).toContain('could not be shown')
        expect(await alert.innerText()).toContain(words)
        expect(await alert.getByRole('button', { name: 'Try again' }).count()).toBe(1)
      }
      expect(await page.locator('[data-empty]').allInnerTexts()).toEqual([])
      await house.looksRight(page, `${nameOf(id)}-error`, { theme: 'dark', width: 1280 })
      isInTrouble = false
      const again = alerts.getByRole('button', { name: 'Try again' })
      // Several that stand for the same question go with the first.
      await waitUntil(async () => {
        if ((await again.count()) === 0) return true
        await again
          .first()
          .click({ timeout: 1_000 })
          .catch(() => {})
        return false
      })
      await page.getByText(seen.shows).first().waitFor()
      await isWhole(page)
      expect(await alerts.count()).toBe(0)
    } finally {
      await leave(page)
    }
  })

  test('what was read stays in sight when a later look fails, with a quiet word of it', async () => {
    const page = await newPage()
    // As a proxy says it while the server behind it starts anew: in HTML, which is nothing for a person to read.
    const away = { status: 503, contentType: 'text/html', body: '<html><h1>503 Service Unavailable</h1></html>' }
    await page.route(isNotOfPages, (route) =>
      route.request().resourceType() === 'fetch' ? route.fulfill(away) : route.continue(),
    )
    // Drawn by the server, and asked for again at once by whoever may see more.
    await page.goto(`${house.baseUrl}/marketplace`)
    const word = page.getByRole('status').filter({ hasText: 'Shown as it was' })
    await word.waitFor()
    expect(await word.innerText()).toContain("The server can't be reached at the moment (503). Ask again in a minute.")
    await page.getByText('The slow-db').waitFor()
    await house.looksRight(page, 'state-stale', { theme: 'light', width: 390 })
    await page.unroute(isNotOfPages)
    await word.getByRole('button', { name: 'Try again' }).click()
    await word.waitFor({ state: 'detached' })
    await page.getByText('The slow-db').waitFor()
    await leave(page)
  })

  test.concurrent.for(others)('%s reads nothing', async ([id, { at, says, who: whose }]) => {
    if (!at || !says) return
    const page = await newPage(whose)
    await page.goto(house.baseUrl + at)
    await page.getByText(says).waitFor()
    await house.looksRight(page, nameOf(id), { theme: 'light', width: 1280 })
    await leave(page)
  })

  /** Opens a page whose own questions meet `fate`; what the frame around it asks is answered. */
  async function open(page: Page, { at, around, isDrawn }: PageSeen, fate: (route: Route) => Promise<void>) {
    const passes = [...around]
    if (isDrawn) {
      await page.goto(`${house.baseUrl}/dashboard/account`)
      await page.getByRole('heading', { name: /^Signed in/ }).waitFor()
    }
    await page.route(isNotOfPages, (route) => {
      const { pathname } = new URL(route.request().url())
      // A stream of changes tells nothing that is not asked for anyway.
      const isStream = route.request().headers()['accept'] === 'text/event-stream'
      if (route.request().resourceType() !== 'fetch' || isStream) return route.continue()
      const index = passes.indexOf(pathname)
      if (index < 0) return fate(route)
      passes.splice(index, 1)
      return route.continue()
    })
    if (isDrawn)
      await page.evaluate(`history.pushState(null, '', '${at}'); dispatchEvent(new PopStateEvent('popstate'))`)
    else await page.goto(addressOf(at))
  }
})

const isNotOfPages = (url: URL) => !url.pathname.startsWith('/assets/')

/** `dashboard-apps-app-resources`: what its pictures are called. */
const nameOf = (id: string) =>
  `state-${id.replace('/signed', '').replace(/\$/g, '').split('/').filter(Boolean).join('-') || 'signed'}${/.\/$/.test(id) ? '-start' : ''}`

/** Whatever is held back still is let go: nobody waits for it any more. */
async function leave(page: Page): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.context().close()
}

/** Nothing is on its way any more. */
async function isWhole(page: Page): Promise<void> {
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached', timeout: 20_000 })
}

// `expect.poll` belongs to one test, and these run side by side.
async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const until = Date.now() + 20_000
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error('It did not come to that within 20 s.')
    await new Promise((done) => setTimeout(done, 50))
  }
}

async function guestOf({ ask, browser }: BrowserHouse): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const invite = await ask<{ url: string }>('POST', '/invites', { email: 'guest@example.com' })
  expect(invite.status, JSON.stringify(invite.body)).toBe(201)
  const page = await context.newPage()
  await page.goto(invite.body.url)
  await page.getByLabel('Password', { exact: true }).fill('a-password-for-a-guest')
  await page.getByLabel('The same again').fill('a-password-for-a-guest')
  await page.getByRole('button', { name: 'Make my account' }).click()
  await page.getByRole('heading', { name: 'Apps', level: 1 }).waitFor()
  await page.close()
  return context
}

async function makeWorld({ ask }: BrowserHouse, provider: LyingProvider, ids: { BUILD: string; OPERATION: string }) {
  const make = async (path: string, body: unknown) => {
    const answer = await ask<{ id: string; name: string }>('POST', path, body)
    expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300)
    return answer.body
  }
  for (const name of ['shop', 'till']) await make('/apps', { name })
  await make('/teams', { name: 'crew' })
  provider.config = { FAST_DB_URL: 'fast://user:secret@127.0.0.1/db' }
  for (const slug of ['fast-db', 'slow-db']) {
    const production = { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` }
    await make(`/api/v3/addons/${slug}/manifests`, { contents: manifestOf(slug, {}, { production }) })
  }
  await make('/apps/till/addons', { plan: 'fast-db:mini', name: 'till-db' })
  const source = { url: `${provider.url}/source.tgz`, version: 'v1' }
  ids.BUILD = (await make('/apps/till/builds', { source_blob: source })).id
  const { body } = await ask<{ id: string }[]>('GET', '/operations?eq[addon]=till-db')
  ids.OPERATION = body[0]?.id ?? ''
}
