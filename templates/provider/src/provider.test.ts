import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { callsOfPlatform } from '@mortise/provider/testing'
import { createFastDb } from './provider.js'

// What is particular to this service. What every provider must do, `mortise inspect` asks.
const manifest = {
  id: 'fast-db',
  api: {
    version: '3',
    password: 'password-of-the-tests',
    sso_salt: 'salt-of-the-tests',
    config_vars: ['FAST_DB_URL'],
    production: { base_url: 'http://127.0.0.1/heroku/resources', sso_url: 'http://127.0.0.1/heroku/sso' },
  },
  plans: [{ name: 'test', default: true }, { name: 'standard' }],
}
const dataDir = mkdtempSync(join(tmpdir(), 'fast-db-'))
const service = createFastDb({
  manifest,
  dataDir,
  publicUrl: 'https://fast-db.example.com',
  platform: 'http://localhost:5055',
  clientSecret: async () => null,
})
let listening: Awaited<ReturnType<typeof service.provider.listen>>
let platform: ReturnType<typeof callsOfPlatform>

before(async () => {
  listening = await service.provider.listen(0, '127.0.0.1', service.pages)
  platform = callsOfPlatform(manifest, listening.url)
})
after(async () => {
  await listening.close()
  rmSync(dataDir, { recursive: true })
})

/** Where the shelf is in these tests, instead of where customers would reach it. */
const here = (config: { FAST_DB_URL: string }) => listening.url + new URL(config.FAST_DB_URL).pathname

test('an app keeps values on its shelf, and loses them with it', async () => {
  const { uuid, status, body } = await platform.provision()
  assert.equal(status, 200)
  const shelf = here(body.config)
  await fetch(`${shelf}/greeting`, { method: 'PUT', body: 'hello' })
  assert.equal(await (await fetch(`${shelf}/greeting`)).text(), 'hello')
  assert.equal((await fetch(`${shelf.slice(0, -1)}/greeting`)).status, 404)
  assert.equal((await platform.deprovision(uuid)).status, 204)
  assert.equal((await fetch(`${shelf}/greeting`)).status, 404)
})

test('a change of the plan keeps what is on the shelf', async () => {
  const { uuid, body } = await platform.provision()
  await fetch(`${here(body.config)}/greeting`, { method: 'PUT', body: 'hello' })
  assert.equal((await platform.changePlan(uuid, 'standard')).status, 200)
  assert.equal(await (await fetch(`${here(body.config)}/greeting`)).text(), 'hello')
})

test('the page opens by single sign-on, and for nobody else', async () => {
  const { uuid, body } = await platform.provision()
  await fetch(`${here(body.config)}/greeting`, { method: 'PUT', body: 'hello' })
  const signedOn = await platform.signOn(uuid)
  assert.equal(signedOn.status, 303)
  const address = signedOn.headers.get('location') ?? ''
  assert.match((await platform.visit(address, signedOn)).text, /<li>greeting<\/li>/)
  assert.equal((await platform.visit(address)).status, 403)
  assert.equal((await platform.signOn(uuid, { email: 'somebody@else.example.com' })).status, 403)
})
