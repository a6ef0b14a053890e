import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, cookiesOf, manifest, password, signOn, signOnForm, uuids } from './fixture.js'

const [uuid] = uuids

test('the example in README.md is the one that runs here', () => {
  const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
  expect(read('./README.md')).toContain(`\`\`\`ts\n${read('./example.ts')}\`\`\``)
})

test('the example is a whole add-on: provision, use, sign on, remove', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fast-db-'))
  process.env.ADDON_MANIFEST = join(dir, 'addon-manifest.json')
  writeFileSync(process.env.ADDON_MANIFEST, JSON.stringify(manifest))
  const { provider, pages } = await import('./example.js')
  const { url, close } = await provider.listen(0, '127.0.0.1', pages)
  try {
    const auth = `fast-db:${password}`
    const made = await ask('POST', `${url}/heroku/resources`, { auth, body: { uuid, plan: 'mini' } })
    const shelf = url + new URL(made.json.config.FAST_DB_URL).pathname
    await ask('PUT', `${shelf}/greeting`, { body: 'hello' })
    expect((await ask('GET', `${shelf}/greeting`)).text).toBe('hello')
    expect((await ask('GET', `${url}/${uuid}/wrong/greeting`)).status).toBe(404)
    const reply = await signOn(`${url}/heroku/sso`, signOnForm(uuid))
    const page = await ask('GET', url + reply.headers.location, { headers: { cookie: cookiesOf(reply) } })
    expect([page.status, page.text]).toEqual([200, 'example-app: 1 keys'])
    expect((await ask('GET', url + reply.headers.location)).status).toBe(403)
    expect((await ask('DELETE', `${url}/heroku/resources/${uuid}`, { auth })).status).toBe(204)
    expect((await ask('GET', `${shelf}/greeting`)).status).toBe(404)
  } finally {
    await close()
    rmSync(dir, { recursive: true })
  }
})
