import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { originOf } from '../http/server.js'

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

/** The pages, as built by web/, and the files that providers' dashboards load from us, as built by nav/. */
export async function servePages(server: FastifyInstance): Promise<void> {
  const root = projectRoot()
  const web = path.join(root, 'web', 'dist')
  const nav = path.join(root, 'nav', 'dist')
  await server.register(fastifyStatic, { root: web, serve: false, dotfiles: 'deny' })

  server.get('/', async (request, reply) => {
    if (String(request.headers.accept ?? '').includes('text/html')) return reply.redirect('/dashboard', 302)
    return reply.type('application/json').send('{"id":"mortise","message":"This is the API. Pages are at /dashboard."}')
  })
  for (const at of pagePaths) {
    server.get(at, async (_, reply) => sendPage(reply, web))
    server.get(`${at}/*`, async (_, reply) => sendPage(reply, web))
  }
  server.get('/assets/*', async (request, reply) => {
    const name = (request.params as { '*': string })['*']
    // The build puts a digest into each name, so a name never means two contents.
    reply.header('Cache-Control', `public, max-age=${yearSeconds}, immutable`)
    return reply.sendFile(path.posix.join('assets', name), web)
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

async function sendPage(reply: FastifyReply, web: string): Promise<FastifyReply> {
  reply.header('Content-Security-Policy', policy)
  reply.header('Referrer-Policy', 'same-origin')
  reply.header('Cross-Origin-Opener-Policy', 'same-origin')
  if (!fs.existsSync(path.join(web, 'index.html'))) {
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
