import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { servePages } from './pages.js'

// What pages of providers load from here.
let server: FastifyInstance
beforeAll(async () => {
  server = Fastify()
  server.decorateRequest('caller', { getter: () => ({ proto: 'http', host: 'localhost:5055' }) } as never)
  server.decorateRequest('publicUrl', null)
  await servePages(server)
  await server.ready()
})
afterAll(() => server.close())

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
