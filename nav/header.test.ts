import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { encodeNavData } from '@mortise/contract/partner-api/nav-data'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// Two parties, two origins: the platform serves the header, a provider shows it under a strict policy.

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path && existsSync(path),
)

const data = {
  addon: 'Mortise PostgreSQL',
  appname: 'guestbook',
  addons: [
    { slug: 'mortise-postgresql', name: 'postgresql-curved-12345', current: true },
    { slug: 'fast-db', name: 'fast-db-<img src=x onerror=alert(1)>' },
  ],
}

test('the header is one small file without dependencies or inline styles', () => {
  const script = read('./header.js')
  expect(gzipSync(script).length).toBeLessThan(10_000)
  expect(script).not.toMatch(/\bimport\b|\brequire\(|innerHTML|\.style\b|setAttribute\('style'/)
})

describe.skipIf(!executablePath)('in a browser', () => {
  let browser: Browser
  let platform: string
  let provider: string
  const servers: Server[] = []
  let html = ''
  /** What a page that links the stylesheet allows; without one, the script is all that it has to let in. */
  const usual = (platform: string) => `script-src ${platform}; style-src 'self' ${platform}`
  const scriptOnly = (platform: string) => `script-src ${platform}; style-src 'none'`
  let allowed = usual

  beforeAll(async () => {
    platform = await serve((path) => {
      const name = /^\/(?:nav\/v1\/(?=header)|(?=boomerang))(\w+\.(?:js|css))$/.exec(path)?.[1]
      return name ? { type: name.endsWith('css') ? 'text/css' : 'text/javascript', body: read(`./${name}`) } : null
    })
    provider = await serve((path) =>
      path === '/own.css'
        ? { type: 'text/css', body: 'body.heroku-boomerang-loaded { padding-top: 32px }' }
        : { type: 'text/html; charset=utf-8', body: html },
    )
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })

  afterAll(async () => {
    await browser?.close()
    for (const server of servers) server.closeAllConnections()
    for (const server of servers) server.close()
  })

  async function serve(answer: (path: string) => { type: string; body: string } | null): Promise<string> {
    const server = createServer((req, res) => {
      const found = answer(req.url ?? '')
      const policy = `default-src 'none'; ${allowed(platform)}; base-uri 'none'`
      const isPage = found?.type.startsWith('text/html')
      res.writeHead(found ? 200 : 404, {
        'content-type': found?.type ?? 'text/plain',
        ...(isPage ? { 'content-security-policy': policy } : {}),
      })
      res.end(found?.body)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Opens a page with this head; what the browser complained about comes along. */
  async function open(head: string, cookie?: string, width = 1000, body = '<main><h1>Provider</h1></main>') {
    html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Provider</title>${head}</head>
      <body>${body}</body></html>`
    const page = await browser.newPage({ viewport: { width, height: 700 } })
    const complaints: string[] = []
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push('dialog')
      return dialog.dismiss()
    })
    if (cookie) await page.context().addCookies([{ name: 'heroku-nav-data', value: cookie, url: provider }])
    await page.goto(provider)
    return { page, complaints }
  }

  const linked = (attributes = '') => `<link rel="stylesheet" href="${platform}/nav/v1/header.css">
    <script src="${platform}/nav/v1/header.js" ${attributes} defer></script>`
  const href = (page: Page, name: string | RegExp) => page.getByRole('link', { name }).getAttribute('href')

  test('it leads back to the app and to its other add-ons, in the browser that signed on', async () => {
    const { page, complaints } = await open(linked(), encodeNavData(data))
    expect(await href(page, 'Back to guestbook')).toBe(`${platform}/dashboard/apps/guestbook`)
    expect(await href(page, 'Mortise')).toBe(`${platform}/dashboard`)
    expect(await href(page, 'Account')).toBe(`${platform}/dashboard/account`)
    const summary = page.locator('summary')
    expect(await summary.textContent()).toBe('postgresql-curved-12345')
    await summary.focus()
    await page.keyboard.press('Enter')
    const current = page.getByRole('link', { name: /postgresql-curved/ })
    expect(await current.getAttribute('aria-current')).toBe('page')
    expect(await href(page, /fast-db/)).toBe(
      `${platform}/sso/apps/guestbook/addons/fast-db-%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E`,
    )
    await page.keyboard.press('Escape')
    expect(await page.locator('details').getAttribute('open')).toBeNull()
    await summary.click()
    await page.getByRole('heading').click()
    expect(await page.locator('details').getAttribute('open')).toBeNull()
    // Names with markup stay text, and the page's policy had nothing to refuse.
    expect(complaints).toEqual([])
    await page.close()
  })

  test('without a cookie, or with a broken one, the attributes are enough', async () => {
    for (const cookie of [undefined, 'e30', '%%%', encodeNavData(data).slice(3)]) {
      const { page, complaints } = await open(linked('data-app="shop" data-addon="db-1"'), cookie)
      expect(await href(page, 'Back to shop')).toBe(`${platform}/dashboard/apps/shop`)
      expect(await page.getByRole('navigation').textContent()).toContain('db-1')
      expect(complaints).toEqual([])
      await page.close()
    }
  })

  test("another tab's sign-on does not change which app this page is about", async () => {
    const { page } = await open(linked('data-app="shop" data-addon="db-1"'), encodeNavData(data))
    expect(await href(page, 'Back to shop')).toBe(`${platform}/dashboard/apps/shop`)
    expect(await page.getByRole('navigation').textContent()).not.toContain('guestbook')
    await page.close()
  })

  /** The browser's own sum of how far things jumped. */
  const shiftOf = (page: Page) =>
    page.evaluate(
      `new Promise((resolve) => {
        let sum = 0
        new PerformanceObserver((list) => list.getEntries().forEach((each) => (sum += each.value)))
          .observe({ type: 'layout-shift', buffered: true })
        setTimeout(() => resolve(sum), 300)
      })`,
    )

  test('it takes its height from the first paint on, and covers nothing', async () => {
    const { page } = await open(linked('data-app="shop"'))
    await page.getByRole('navigation').waitFor()
    expect(await shiftOf(page)).toBe(0)
    const bar = await page.getByRole('navigation').boundingBox()
    const main = await page.getByRole('main').boundingBox()
    expect(bar?.y).toBe(0)
    expect(main?.y).toBeGreaterThanOrEqual(48)
    await page.close()
  })

  const styleOf = (page: Page, selector: string, property: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${property}')`)

  test('under a policy that lets in our script and nothing else it looks the same, and jumps nothing from the head', async () => {
    allowed = scriptOnly
    try {
      const { page, complaints } = await open(
        `<script src="${platform}/nav/v1/header.js" data-app="shop"></script>`,
        encodeNavData({ ...data, appname: 'shop' }),
      )
      await page.getByRole('navigation').waitFor()
      expect(await shiftOf(page)).toBe(0)
      const bar = await page.getByRole('navigation').boundingBox()
      expect([bar?.y, bar?.height]).toEqual([0, 47])
      expect((await page.getByRole('main').boundingBox())?.y).toBeGreaterThanOrEqual(48)
      await page.locator('summary').click()
      expect((await page.locator('ul').boundingBox())?.y).toBeGreaterThanOrEqual(44)
      expect(complaints).toEqual([])
      // The policy is one: what is written into the page is refused.
      await page.evaluate(
        `document.head.append(Object.assign(document.createElement('style'), { textContent: 'h1 { color: red }' }))`,
      )
      expect(await styleOf(page, 'h1', 'color')).not.toBe('rgb(255, 0, 0)')
      expect(complaints.join()).toMatch(/style-src/)
      await page.close()
    } finally {
      allowed = usual
    }
  })

  test("the page's own lists, links and navigation look as they did", async () => {
    const body = '<nav id="own"><ul><li><a href="/">Start</a></li></ul></nav><main><h1>Provider</h1></main>'
    const looks = async (head: string) => {
      const { page } = await open(head, encodeNavData(data), 1000, body)
      if (head) await page.getByRole('navigation', { name: 'Mortise' }).waitFor()
      const seen = await Promise.all([
        styleOf(page, 'ul', 'position'),
        styleOf(page, 'ul', 'list-style-type'),
        styleOf(page, 'a', 'text-decoration-line'),
        styleOf(page, 'a', 'color'),
        styleOf(page, '#own', 'display'),
      ])
      await page.close()
      return seen
    }
    const before = await looks('')
    expect(before).toEqual(['static', 'disc', 'underline', 'rgb(0, 0, 238)', 'block'])
    expect(await looks(linked())).toEqual(before)
  })

  test('without an app it leads to what there is', async () => {
    const { page } = await open(linked())
    expect(await href(page, 'Marketplace')).toBe(`${platform}/marketplace`)
    await page.close()
  })

  test('a page that links only the script gets the stylesheet from it, at the price of a jump', async () => {
    const { page, complaints } = await open('')
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50)))')
    await page.addScriptTag({ url: `${platform}/nav/v1/header.js` })
    await page.getByRole('navigation').waitFor()
    expect(await shiftOf(page)).toBeGreaterThan(0)
    expect((await page.getByRole('main').boundingBox())?.y).toBeGreaterThanOrEqual(48)
    expect(complaints).toEqual([])
    await page.close()
  })

  test('it fits a phone', async () => {
    const long = { ...data, appname: 'an-app-with-a-name-of-thirty-1' }
    const { page } = await open(linked(), encodeNavData(long), 320)
    await page.getByRole('navigation').waitFor()
    await page.locator('summary').click()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    const list = await page.locator('ul').boundingBox()
    expect(list?.x).toBeGreaterThanOrEqual(0)
    await page.close()
  })

  test.each(['light', 'dark'] as const)('it has nothing that keeps people out (%s)', async (colorScheme) => {
    const { page } = await open(linked(), encodeNavData(data))
    await page.emulateMedia({ colorScheme })
    await page.locator('summary').click()
    await page.evaluate(readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8'))
    const violations = await page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id }) => id))`)
    expect(violations).toEqual([])
    await page.close()
  })

  test('pages that the heroku-nav gem fills get this one from its fragment', async () => {
    const { page, complaints } = await open(`<title>gem</title>`, encodeNavData(data))
    html = `<!doctype html><html lang="en"><head><title>gem</title></head><body>
      ${read('./providers-header.html').replaceAll('@@ORIGIN@@', platform)}<main><h1>Provider</h1></main></body></html>`
    await page.reload()
    expect(await href(page, 'Back to guestbook')).toBe(`${platform}/dashboard/apps/guestbook`)
    // What kensa looks for.
    expect(await page.locator('div#heroku-header').count()).toBe(1)
    expect(await page.getByRole('navigation').count()).toBe(1)
    // What boomerang's instructions say to old pages, and what scripts of theirs name.
    await page.evaluate(`document.querySelector('#heroku-subheader').style.display = 'none'`)
    for (const id of ['heroku-logo', 'heroku-account-nav', 'heroku-section-nav', 'heroku-appname', 'heroku-app-info']) {
      expect(await page.locator(`#${id}`).count(), id).toBe(1)
      expect(await page.locator(`#${id}`).isVisible(), id).toBe(false)
    }
    await page.evaluate(`document.querySelector('#heroku-header').style.display = 'none'`)
    expect(await page.getByRole('navigation').isVisible()).toBe(false)
    expect(complaints).toEqual([])
    await page.close()
  })

  test("pages of Heroku's first header get this one through Boomerang.init", async () => {
    const { page, complaints } = await open(`<script src="${platform}/boomerang.js"></script>`)
    await page.evaluate(`Boomerang.init({ app: 'shop', addon: 'db-1' })`)
    expect(await href(page, 'Back to shop')).toBe(`${platform}/dashboard/apps/shop`)
    expect(await page.locator('div#heroku-boomerang.boomerang').count()).toBe(1)
    await page.evaluate(`Boomerang.init({ app: 'store', addon: 'db-1' })`)
    expect(await href(page, 'Back to store')).toContain('/store')
    expect(await page.getByRole('navigation').count()).toBe(1)
    // Pages make room by the class on the body, and this much: together it is not twice as much.
    await page.addStyleTag({ url: `${provider}/own.css` })
    expect([await styleOf(page, 'body', 'padding-top'), await styleOf(page, 'html', 'padding-top')]).toEqual([
      '32px',
      '0px',
    ])
    expect((await page.locator('#heroku-boomerang').boundingBox())?.height).toBe(32)
    await page.evaluate('Boomerang.reset()')
    expect(await page.getByRole('navigation').count()).toBe(0)
    expect(await styleOf(page, 'body', 'padding-top')).toBe('0px')
    await page.evaluate(`Boomerang.init({ app: 'store', addon: 'db-1', localMode: true })`)
    await page.getByRole('navigation').waitFor()
    // Pages that did not trust reset() take the bar away like this.
    await page.evaluate(`document.getElementById('heroku-boomerang').remove()`)
    expect(await page.getByRole('navigation').count()).toBe(0)
    await page.evaluate('Boomerang.init()')
    expect(await href(page, 'Marketplace')).toBe(`${platform}/marketplace`)
    await page.evaluate('Boomerang.reset()')
    expect(await page.locator('body.heroku-boomerang-loaded').count()).toBe(0)
    expect(complaints).toEqual([])
    await page.close()
  })
})
