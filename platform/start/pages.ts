import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Shelf } from '../catalog/shelf.js'
import { namesTag } from '../http/etag.js'
import { acceptsGzip } from '../http/respond.js'
import { originOf } from '../http/server.js'
import { createFirstPaint, type FirstPaint } from './first-paint.js'

/** Addresses that people open; the page in the browser tells them apart. */
const pagePaths = ['/dashboard', '/marketplace', '/operator', '/portal', '/sign-in'] as const

// Nothing inline and nothing from elsewhere, but a service's icon over https.
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const yearSeconds = 365 * 24 * 60 * 60

interface PagesDeps {
  /** What the marketplace shows. */
  shelf: Shelf
  onFault(error: unknown): void
}

/** The pages, as built by web/, and the files that providers' dashboards load from us, as built by nav/. */
export async function servePages(server: FastifyInstance, { shelf, onFault }: PagesDeps): Promise<void> {
  const root = projectRoot()
  const web = path.join(root, 'web', 'dist')
  const nav = path.join(root, 'nav', 'dist')
  await server.register(fastifyStatic, { root: web, serve: false, dotfiles: 'deny', preCompressed: true })
  const firstPaint = createFirstPaint(web, shelf)

  server.get('/', async (request, reply) => {
    if (String(request.headers.accept ?? '').includes('text/html')) return reply.redirect('/dashboard', 302)
    return reply.type('application/json').send('{"id":"mortise","message":"This is the API. Pages are at /dashboard."}')
  })
  for (const at of ['/marketplace', '/marketplace/:service']) {
    server.get(at, async (request, reply) => {
      const html = await drawn(request, reply, { web, firstPaint, onFault })
      return html === undefined ? sendPage(reply, web) : reply.send(html)
    })
  }
  server.get('/robots.txt', async (request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .header('Cache-Control', 'public, max-age=3600')
      .send(robots(originOf(request))),
  )
  server.get('/sitemap.xml', async (request, reply) => {
    const services = (await shelf.services(null)).filter((one) => one.state !== 'shutdown')
    reply.type('application/xml; charset=utf-8').header('Cache-Control', 'public, max-age=3600')
    return reply.send(sitemap(originOf(request), services))
  })
  for (const at of pagePaths) {
    // The router takes the more exact address, which for the marketplace is the one above.
    if (at === '/marketplace') {
      server.get(`${at}/:service/*`, async (_, reply) => sendPage(reply, web))
      continue
    }
    server.get(at, async (_, reply) => sendPage(reply, web))
    server.get(`${at}/*`, async (_, reply) => sendPage(reply, web))
  }
  server.get('/assets/*', async (request, reply) => {
    const name = (request.params as { '*': string })['*']
    // The build puts a digest into each name, so a name never means two contents.
    reply.header('Cache-Control', `public, max-age=${yearSeconds}, immutable`)
    reply.header('Vary', 'Accept-Encoding')
    return reply.sendFile(path.posix.join('assets', name), web, { cacheControl: false })
  })
  for (const name of ['favicon.ico', 'icon.svg']) {
    server.get(`/${name}`, async (_, reply) => reply.sendFile(name, web))
  }
  serveNav(server, nav)
}

/** Other origins load these, and they say nothing about anybody. */
function serveNav(server: FastifyInstance, nav: string): void {
  const files = {
    '/nav/v1/header.js': 'header.js',
    '/nav.js': 'header.js',
    '/nav/v1/header.css': 'header.css',
    // Where providers that were made for Heroku look.
    '/v1/providers/header': 'providers-header.html',
    '/boomerang.js': 'boomerang.js',
    '/boomerang.css': 'boomerang.css',
  }
  for (const [at, name] of Object.entries(files)) {
    server.get(at, async (request, reply) => {
      reply.header('Access-Control-Allow-Origin', '*')
      reply.header('Cross-Origin-Resource-Policy', 'cross-origin')
      reply.header('Cache-Control', 'public, max-age=300')
      // Its own way with the header would be max-age=0.
      if (!name.endsWith('.html')) return reply.sendFile(name, nav, { cacheControl: false })
      // The fragment lands in the provider's page, so its addresses must be whole.
      const fragment = fs.readFileSync(path.join(nav, name), 'utf8').replaceAll('@@ORIGIN@@', originOf(request))
      return reply.type('text/html; charset=utf-8').send(fragment)
    })
  }
}

interface Drawing {
  web: string
  firstPaint: FirstPaint
  onFault(error: unknown): void
}

/**
 * A page of the marketplace, drawn by the server; it is the same for everybody. Undefined when it can't be drawn: the page
 * without its first paint still works.
 */
async function drawn(request: FastifyRequest, reply: FastifyReply, { web, firstPaint, onFault }: Drawing) {
  if (!isBuilt(web)) return undefined
  try {
    const { status, html, packed, tag } = await firstPaint(request.url, originOf(request))
    protect(reply)
    reply.header('Cache-Control', 'public, no-cache').header('Vary', 'Accept-Encoding')
    const packs = acceptsGzip(request.headers['accept-encoding'])
    reply.header('ETag', packs ? `W/${tag}` : tag)
    const known = request.headers['if-none-match']
    if (status === 200 && known !== undefined && namesTag(known, tag)) {
      reply.code(304)
      return ''
    }
    reply.code(status).type('text/html; charset=utf-8')
    if (packs) reply.header('Content-Encoding', 'gzip')
    return packs ? packed : html
  } catch (error) {
    onFault(error)
    return undefined
  }
}

/** The marketplace is for everybody; behind the other addresses there is only a form to sign in. */
const robots = (origin: string) =>
  `User-agent: *\nAllow: /marketplace\nDisallow: /marketplace/*/install\nDisallow: /\n\nSitemap: ${origin}/sitemap.xml\n`

function sitemap(origin: string, services: readonly { name: string; updated_at: string }[]): string {
  // Slugs are letters, digits and hyphens, so nothing in them has to be escaped.
  const lines = services.map(
    ({ name, updated_at }) => `<url><loc>${origin}/marketplace/${name}</loc><lastmod>${updated_at}</lastmod></url>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n<url><loc>${origin}/marketplace</loc></url>\n${lines.join('\n')}\n</urlset>\n`
}

const isBuilt = (web: string) => fs.existsSync(path.join(web, 'index.html'))

function protect(reply: FastifyReply): void {
  reply.header('Content-Security-Policy', policy)
  reply.header('Referrer-Policy', 'same-origin')
  reply.header('Cross-Origin-Opener-Policy', 'same-origin')
}

async function sendPage(reply: FastifyReply, web: string): Promise<FastifyReply> {
  protect(reply)
  if (!isBuilt(web)) {
    return reply
      .code(503)
      .type('text/plain')
      .send('The pages are not built. Run bin/build, then load this page again.\n')
  }
  reply.header('Cache-Control', 'no-cache')
  return reply.sendFile('index.html', web, { cacheControl: false })
}

/** The folder that holds web/ and nav/: two up from the sources, three up from the build. */
function projectRoot(): string {
  let dir = path.dirname(fileURLToPath(import.meta.url))
  while (!fs.existsSync(path.join(dir, 'web', 'package.json')) && path.dirname(dir) !== dir) dir = path.dirname(dir)
  return dir
}
