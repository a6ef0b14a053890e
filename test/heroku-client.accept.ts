import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'

// heroku-client, the library that many scripts are made with: it sends `Range: id ..; max=1000` with every request.

const folder = process.env['MORTISE_HEROKU_CLIENT']
let house: ClientHouse
// biome-ignore lint/suspicious/noExplicitAny: a library without types.
let heroku: any

beforeAll(async () => {
  if (!folder) throw new Error('MORTISE_HEROKU_CLIENT is not set. Run bin/test-clients, which installs it.')
  house = await clientHouse('heroku-client')
  const Heroku = createRequire(import.meta.url)(folder)
  heroku = new Heroku({ token: house.apiKey, host: `http://127.0.0.1:${house.port}` })
})
afterAll(async () => {
  await house?.stop()
  expect([...(house?.wire.faults ?? [])]).toEqual([])
})

test('heroku-client makes, changes, lists and destroys, and gets errors with id and message', async () => {
  const app = await heroku.post('/apps', { body: { name: 'scripted' } })
  expect(app.name).toBe('scripted')
  await heroku.patch('/apps/scripted/config-vars', { body: { A: '1', B: null } })
  expect(await heroku.get('/apps/scripted/config-vars')).toEqual({ A: '1' })
  expect((await heroku.get('/apps')).map((one: { name: string }) => one.name)).toEqual(['scripted'])
  expect((await heroku.get('/apps/scripted/releases')).length).toBe(2)
  await expect(heroku.get('/apps/nothing')).rejects.toMatchObject({ statusCode: 404, body: { id: 'not_found' } })
  expect((await heroku.delete('/apps/scripted')).name).toBe('scripted')
})
