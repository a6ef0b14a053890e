import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { operations } from '@mortise/contract/documents/operations'
import type { FastifyInstance } from 'fastify'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createHttpServer } from '../http/server.js'
import { realWorld } from '../world/world.js'
import { documentPages, documentRoutes } from './routes.js'

const deps = { origin: 'https://mortise.example.com', version: '1.2.3' }
vi.setConfig({ testTimeout: 60_000 })

let server: FastifyInstance
let url: string

beforeAll(async () => {
  server = await createHttpServer({
    world: realWorld,
    handlers: documentRoutes(deps),
    authenticate: async () => null,
    guard: async () => ({}),
    log: () => undefined,
    onFault: (error) => console.error(error),
    checkAnswers: true,
    extra: documentPages(deps),
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('both documents are there for anybody, tagged and packed on request', async () => {
  for (const [at, has] of [
    ['/schema', 'definitions'],
    ['/openapi.json', 'paths'],
  ] as const) {
    const answer = await server.inject({ url: at })
    expect([answer.statusCode, Object.keys(answer.json()[has]).length > 20]).toEqual([200, true])
    expect(answer.headers['content-type']).toContain('application/json')
    const again = await server.inject({ url: at, headers: { 'if-none-match': String(answer.headers.etag) } })
    expect(again.statusCode).toBe(304)
    const packed = await server.inject({ url: at, headers: { 'accept-encoding': 'gzip' } })
    expect(packed.rawPayload.length).toBeLessThan(answer.rawPayload.length / 4)
  }
  expect((await server.inject({ url: '/openapi.json' })).json().servers).toEqual([{ url: deps.origin }])
})

test('the page has every operation, and takes nothing from elsewhere', async () => {
  const answer = await server.inject({ url: '/docs/api' })
  expect(answer.statusCode).toBe(200)
  for (const { id } of operations) expect(answer.body).toContain(`id="${id.replace('.', '-')}"`)
  expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'/)
  expect(answer.body).not.toMatch(/<script>|<style|\son\w+=|\sstyle=/)
  for (const [, address = ''] of answer.body.matchAll(/\s(?:src|href)="([^"]*)"/g)) expect(address).toMatch(/^[/#]/)
})

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (file) => file && existsSync(file),
)

describe.skipIf(!executablePath)('in a browser', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const pictures = process.env['MORTISE_PICTURES']
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    if (pictures) mkdirSync(pictures, { recursive: true })
  })
  afterAll(() => browser.close())

  async function open(
    width: number,
    colorScheme: 'light' | 'dark',
    hash = '',
  ): Promise<{ page: Page; said: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    const said: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && said.push(message.text())))
    page.on('pageerror', (error) => void said.push(error.message))
    await page.route('**/icon.svg', (route) => route.fulfill({ status: 204 }))
    await page.goto(`${url}/docs/api${hash}`)
    return { page, said }
  }

  test.each([
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)('%i wide, %s: it reads, nothing is cut off, and axe finds nothing', async (width, scheme) => {
    const { page, said } = await open(width, scheme, '#addons-create')
    await page.locator('#addons-create .errors').waitFor({ state: 'visible' })
    await page.locator('#add-on .shape summary').click()
    if (pictures) await page.screenshot({ path: path.join(pictures, `api-${width}-${scheme}.png`) })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    // One chapter stands for all: they are made alike, and axe takes seconds for each thousand of elements.
    await page.evaluate(
      "document.querySelectorAll('section:not(#add-on), .operation:not([open])').forEach((one) => one.remove())",
    )
    // axe is put in by the tools' own door, which the page's policy does not close.
    await page.evaluate(axe)
    const found = (await page.evaluate(
      "axe.run(document, { resultTypes: ['violations'] }).then((all) => all.violations.map((one) => one.id + ' ' + one.nodes[0].html))",
    )) as string[]
    expect(found).toEqual([])
    expect(said).toEqual([])
    if (pictures) {
      await page.evaluate('scrollTo(0, 0)')
      await page.screenshot({ path: path.join(pictures, `top-${width}-${scheme}.png`) })
    }
    await page.context().close()
  })

  test('the keyboard reaches the filter, and the filter finds by method, address and noun', async () => {
    const { page, said } = await open(1280, 'light')
    await page.keyboard.press('/')
    await page.keyboard.type('post addons')
    const shown = page.locator('.operation:visible summary')
    const texts = await shown.allTextContents()
    expect(texts.length).toBeGreaterThan(2)
    for (const text of texts) expect(text).toMatch(/POST.*addons/)
    expect(await page.locator('#found').textContent()).toBe(`${texts.length} of ${operations.length}`)
    // Of the nouns just those under which something was found, and they are few.
    const nouns = await page.locator('section:has(.operation:visible)').count()
    expect(await page.locator('nav li:visible').count()).toBe(nouns)
    expect(nouns).toBeLessThan(10)
    await page.keyboard.press('Escape')
    expect(await shown.count()).toBe(operations.length)
    const first = page.locator('.operation summary').first()
    await first.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('.operation').first().getAttribute('open')).toBe('')
    expect(said).toEqual([])
    await page.context().close()
  })
})
