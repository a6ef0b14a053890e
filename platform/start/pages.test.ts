import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { AddonService, Plan } from '@mortise/contract/platform-api/catalog'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { servePages } from './pages.js'

let server: FastifyInstance
const faults: unknown[] = []
const at = '2026-11-23T12:00:00.000Z'
const evil = '</script><script>alert(1)</script>'
const service = (name: string, human_name: string, rest: Partial<AddonService> = {}): AddonService => ({
  cli_plugin_name: null,
  created_at: at,
  human_name,
  id: randomUUID(),
  name,
  state: 'ga',
  supported_generations: [],
  supports_multiple_installations: true,
  supports_sharing: true,
  updated_at: at,
  categories: [],
  plan_count: 1,
  lowest_price: { cents: 500, contract: false, unit: 'month' },
  regions: ['us'],
  ...rest,
})
const plan = (name: string, cents: number): Plan => ({
  addon_service: { id: randomUUID(), name: 'fast-db' },
  compliance: null,
  created_at: at,
  default: true,
  description: '',
  human_name: name,
  id: randomUUID(),
  installable_inside_private_network: false,
  installable_outside_private_network: true,
  name: `fast-db:${name.toLowerCase()}`,
  price: { cents, contract: false, metered: false, unit: 'month' },
  space_default: false,
  state: 'public',
  updated_at: at,
  visible: true,
  features: ['1 GB of storage'],
})
let services = [service('fast-db', `Fast DB ${evil}`, { description: 'A $& database.' })]
let stamp = '1'
let reads = 0

beforeAll(async () => {
  server = Fastify()
  server.decorateRequest('caller', { getter: () => ({ proto: 'http', host: 'localhost:5055' }) } as never)
  server.decorateRequest('publicUrl', null)
  await servePages(server, {
    shelf: {
      async services() {
        reads++
        return services
      },
      service: async (name) => services.find((one) => one.name === name),
      plans: async (name) => (services.some((one) => one.name === name) ? [plan('Mini', 500)] : undefined),
      stamp: async () => stamp,
    },
    onFault: (error) => void faults.push(error),
  })
  await server.ready()
})
afterAll(async () => {
  await server.close()
  expect(faults).toEqual([])
})

const get = (url: string, headers: Record<string, string> = {}) =>
  server.inject({ url, headers: { host: 'localhost:5055', ...headers } })

test('the marketplace is HTML before any script: services, their prices, and what search engines ask for', async () => {
  const { statusCode, headers, body } = await get('/marketplace')
  expect(statusCode).toBe(200)
  expect(headers['content-security-policy']).toMatch(/script-src 'self';/)
  expect(body).toContain('<link rel="canonical" href="http://localhost:5055/marketplace"/>')
  expect(body).toContain('<meta property="og:title" content="Marketplace"/>')
  expect(body).toContain('href="/marketplace/fast-db"')
  expect(body).toContain('$5/month')
})

test('a service has its own title, description and plans with prices', async () => {
  const { statusCode, body } = await get('/marketplace/fast-db')
  expect(statusCode).toBe(200)
  expect(body).toContain('content="A $&amp; database. $5/month."')
  expect(body).toContain('<link rel="canonical" href="http://localhost:5055/marketplace/fast-db"/>')
  expect(body).toContain('Mini')
  expect(body).toContain('1 GB of storage')
})

test("no provider's words become markup or script, and no script stands in the page but as data", async () => {
  for (const url of [
    '/marketplace',
    '/marketplace/fast-db',
    '/marketplace?q=%3C%2Fscript%3E',
    '/marketplace/fast-db?plan=%3Cb%3E',
  ]) {
    const { body } = await get(url)
    expect(body).not.toContain('<script>alert')
    const inline = [...body.matchAll(/<script(?![^>]*\ssrc=)([^>]*)>/g)].map(([, attributes]) => attributes)
    expect(inline, url).toEqual([' type="application/json" id="drawn-from"'])
    expect(body, url).not.toMatch(/<style|\sstyle="/)
  }
})

test('an unknown service is a 404 with a page', async () => {
  const { statusCode, headers, body } = await get('/marketplace/nothing-like-it')
  expect(statusCode).toBe(404)
  expect(headers['content-type']).toMatch(/html/)
  expect(body).toContain('No such service')
})

test('a page is drawn once until the catalog changes, and is not sent again to who has it', async () => {
  const first = await get('/marketplace?q=fast')
  const before = reads
  const tag = String(first.headers['etag'])
  expect((await get('/marketplace?q=fast', { 'if-none-match': tag })).statusCode).toBe(304)
  expect((await get('/marketplace?q=fast', { 'if-none-match': `W/${tag}` })).statusCode).toBe(304)
  expect(reads).toBe(before)
  services = [...services, service('fast-cache', 'Fast Cache')]
  stamp = '2'
  const then = await get('/marketplace?q=fast', { 'if-none-match': tag })
  expect(then.statusCode).toBe(200)
  expect(then.body).toContain('Fast Cache')
})

test('pages and what they load come packed to who can unpack it', async () => {
  const packed = await get('/marketplace', { 'accept-encoding': 'gzip' })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(packed.rawPayload).toString()).toContain('Fast DB')
  const [, script = ''] = /<script type="module"[^>]*src="([^"]+)"/.exec((await get('/marketplace')).body) ?? []
  for (const encoding of ['br', 'gzip']) {
    const answer = await get(script, { 'accept-encoding': encoding })
    expect(answer.headers['content-encoding'], encoding).toBe(encoding)
    expect(answer.headers['cache-control']).toMatch(/immutable/)
    expect(answer.headers['content-type']).toMatch(/javascript/)
    expect(answer.headers['vary']).toMatch(/accept-encoding/i)
  }
  expect((await get(script)).headers['content-encoding']).toBeUndefined()
})

test('search engines are led to the marketplace and kept from the rest', async () => {
  expect((await get('/robots.txt')).body).toContain('Sitemap: http://localhost:5055/sitemap.xml')
  const { body, headers } = await get('/sitemap.xml')
  expect(headers['content-type']).toMatch(/xml/)
  expect(body).toContain('<loc>http://localhost:5055/marketplace/fast-db</loc>')
})

// Bytes of JavaScript, packed, that an address loads before it is whole. Issue: first load at most 180 kB.
const firstLoadBytesMax = 180_000

/** No addresses: they come once a page that shows something already asks for them. */
const partsOfPages = new Set([
  'account-menu.tsx',
  'dashboard/addons/attach-addon.tsx',
  'dashboard/addons/change-plan.tsx',
  'kit/chart.tsx',
  'marketplace/install-dialog.tsx',
  'marketplace/install-progress.tsx',
  'marketplace/remove-made-app.tsx',
])

interface Chunk {
  file: string
  imports?: string[]
  dynamicImports?: string[]
  isEntry?: boolean
  isDynamicEntry?: boolean
}

test('no address loads more than 180 kB of script before it is whole', () => {
  const web = new URL('../../web/dist/', import.meta.url)
  const chunks: Record<string, Chunk> = JSON.parse(readFileSync(new URL('manifest.json', web), 'utf8'))
  const filesOf = (key: string, found = new Set<string>()): Set<string> => {
    const chunk = chunks[key]
    if (!chunk || found.has(chunk.file)) return found
    found.add(chunk.file)
    for (const one of chunk.imports ?? []) filesOf(one, found)
    return found
  }
  const entry = filesOf('index.html')
  const weigh = (files: Set<string>) =>
    [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, web)), { level: 9 }).length, 0)
  const pages = Object.entries(chunks).filter(([key, chunk]) => chunk.isDynamicEntry && !partsOfPages.has(key))
  expect(pages.length).toBeGreaterThan(15)
  const weights = pages.map(([key]) => ({ key, bytes: weigh(new Set([...entry, ...filesOf(key)])) }))
  expect(weights.filter(({ bytes }) => bytes > firstLoadBytesMax)).toEqual([])
  // It would notice: React alone weighs a good part of it.
  expect(Math.min(...weights.map(({ bytes }) => bytes))).toBeGreaterThan(firstLoadBytesMax / 3)
})

// What pages of providers load from here.

test.each([
  '/nav/v1/header.js',
  '/nav.js',
  '/nav/v1/header.css',
  '/boomerang.js',
  '/boomerang.css',
  '/v1/providers/header',
])('%s keeps its address, may be kept by browsers, and may be loaded by any page', async (url) => {
  const { statusCode, headers } = await server.inject({ url, headers: { host: 'localhost:5055' } })
  expect(statusCode).toBe(200)
  expect(headers['cache-control']).toBe('public, max-age=300')
  expect(headers['access-control-allow-origin']).toBe('*')
  expect(headers['cross-origin-resource-policy']).toBe('cross-origin')
})

test('the fragment holds the id that kensa and providers’ style sheets look for', async () => {
  const { body } = await server.inject({ url: '/v1/providers/header', headers: { host: 'localhost:5055' } })
  expect(body).toContain('<div id="heroku-header"></div>')
  expect(body).toContain('<div id="heroku-subheader" hidden>')
  expect(body).toContain('src="http://localhost:5055/nav/v1/header.js" data-into="heroku-header"')
})
