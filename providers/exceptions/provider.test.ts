import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkForPush, readManifest } from '@mortise/contract/manifest/read'
import { ask, cookiesOf, signOn, signOnForm, unusedPort, uuids } from '@mortise/provider/fixture'
import { afterEach, expect, test } from 'vitest'
import { openJournal } from './journal.js'
import { startExceptions } from './provider.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
const [uuid, other] = uuids

async function start(dir = folder(), now?: () => Date) {
  const running = await startExceptions({ dir, platform: 'http://localhost:5055', port: await unusedPort(), now })
  closing.push(running.close)
  const { password, ssoSalt } = JSON.parse(readFileSync(join(dir, 'settings.json'), 'utf8'))
  const auth = `mortise-exceptions:${password}`
  const resources = `${running.url}/heroku/resources`
  const provision = async (id = uuid, plan = 'test') =>
    (await ask('POST', resources, { auth, body: { uuid: id, plan, name: 'exceptions-curved-1', options: {} } })).json
      .config
  const report = (key: string, body: unknown) =>
    ask('POST', `${running.url}/exceptions`, { body, headers: { authorization: `Bearer ${key}` } })
  const page = async (id = uuid) => {
    const form = signOnForm(id, { context_app: 'guestbook' }, ssoSalt)
    const reply = await signOn(`${running.url}/heroku/sso`, form)
    return ask('GET', running.url + reply.headers.location, { headers: { cookie: cookiesOf(reply) } })
  }
  return { ...running, dir, auth, resources, provision, report, page }
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'exceptions-'))
  closing.push(() => rmSync(dir, { recursive: true }))
  return dir
}

test('the platform may compare its books with the list of accounts', async () => {
  const { auth, resources, provision, dir } = await start()
  for (const id of [uuid, other]) await provision(id)
  await ask('DELETE', `${resources}/${uuid}`, { auth })
  expect((await ask('GET', resources, { auth })).json).toEqual({ resources: [{ uuid: other, id: other }], next: null })
  expect(JSON.parse(readFileSync(join(dir, 'addon-manifest.json'), 'utf8')).api.lists_resources).toBe(true)
})

test('an app sends what it did not expect, and its people read it under the platform’s header', async () => {
  const { provision, report, page, url } = await start()
  const config = await provision()
  expect(config.EXCEPTIONS_URL).toBe(`${url}/exceptions`)
  const sent = { type: 'TypeError', message: '<b>x</b> is not a function', stack: 'at web.js:7' }
  expect(await report(config.EXCEPTIONS_API_KEY, sent)).toMatchObject({ status: 201 })
  const shown = await page()
  expect(shown.status).toBe(200)
  for (const part of [
    'TypeError',
    '&#60;b&#62;x',
    'at web.js:7',
    'guestbook',
    'http://localhost:5055/nav/v1/header.js',
  ]) {
    expect(shown.text).toContain(part)
  }
  expect(shown.text).not.toMatch(/<b>|password|log ?out/i)
  expect(shown.headers['content-security-policy']).toContain("default-src 'none'")
})

test('an account is one key, however often it is asked for, and sees only its own', async () => {
  const { provision, report, page } = await start()
  const [first, again, foreign] = [await provision(), await provision(), await provision(other)]
  expect(again).toEqual(first)
  expect(foreign.EXCEPTIONS_API_KEY).not.toBe(first.EXCEPTIONS_API_KEY)
  await report(foreign.EXCEPTIONS_API_KEY, { message: 'of the other' })
  expect((await page()).text).not.toContain('of the other')
  expect((await page(other)).text).toContain('of the other')
})

test('a wrong, a foreign and a removed key are refused', async () => {
  const { provision, report, resources, auth, dir } = await start()
  const { EXCEPTIONS_API_KEY: key } = await provision()
  const forged = `${other}.${key.split('.')[1]}`
  for (const wrong of ['', 'x', uuid, `${uuid}.`, forged, key.slice(0, -1)]) {
    expect((await report(wrong, { message: 'x' })).status, wrong).toBe(401)
  }
  await report(key, { message: 'kept until it is removed' })
  await ask('DELETE', `${resources}/${uuid}`, { auth })
  expect((await report(key, { message: 'x' })).status).toBe(401)
  expect(() => readFileSync(join(dir, 'exceptions', `${uuid}.jsonl`))).toThrow('ENOENT')
})

test.each([
  [{}, 422],
  [{ message: 7 }, 422],
  ['{', 400],
  ['[]', 400],
  [JSON.stringify({ message: 'x'.repeat(2_000_000) }), 413],
])('a report that can’t be read is refused and not kept (%#)', async (body, status) => {
  const { provision, report, page } = await start()
  const { EXCEPTIONS_API_KEY: key } = await provision()
  expect((await report(key, body)).status).toBe(status)
  expect((await page()).text).toContain('Nothing unexpected yet')
})

test('the plan bounds an hour, and the next hour begins anew', async () => {
  let now = new Date('2026-01-01T10:59:00Z')
  const { provision, report } = await start(folder(), () => now)
  const { EXCEPTIONS_API_KEY: key } = await provision()
  for (let n = 0; n < 1_000; n += 50) {
    const replies = await Promise.all(Array.from({ length: 50 }, () => report(key, { message: 'again' })))
    expect(replies.every(({ status }) => status === 201)).toBe(true)
  }
  expect(await report(key, { message: 'too many' })).toMatchObject({
    status: 429,
    json: { message: expect.stringContaining('1000') },
  })
  now = new Date('2026-01-01T11:00:00Z')
  expect((await report(key, { message: 'new hour' })).status).toBe(201)
})

test('accounts and reports outlive the process', async () => {
  const dir = folder()
  const first = await start(dir)
  const { EXCEPTIONS_API_KEY: key } = await first.provision()
  await first.report(key, { message: 'before' })
  await first.close()
  const second = await start(dir)
  expect((await second.report(key, { message: 'after' })).status).toBe(201)
  const { text } = await second.page()
  expect(text.indexOf('after')).toBeLessThan(text.indexOf('before'))
})

test('nobody comes to the page but through the platform, and only to their own', async () => {
  const { provision, url, page } = await start()
  await provision()
  await provision(other)
  expect((await ask('GET', `${url}/accounts/${uuid}`)).status).toBe(403)
  const { headers } = await page(other)
  expect(headers['cache-control']).toBe('no-store')
})

test('the manifest may be pushed as it is', async () => {
  const { manifest } = await start()
  const read = readManifest(manifest)
  if ('problems' in read) throw new Error(read.problems.join(' '))
  expect(read.warnings).toEqual([])
  expect(checkForPush(read.manifest, { localhost: true })).toEqual([])
})

test('a journal keeps the newest, drops the oldest, and skips a line that a crash cut off', async () => {
  const dir = folder()
  const journal = openJournal(dir, () => 3)
  for (let n = 1; n <= 10; n++) journal.append('a', { at: '', type: 'Error', message: String(n), stack: null })
  expect(journal.newest('a', 100).map(({ message }) => message)).toEqual(['10', '9', '8'])
  expect(readFileSync(join(dir, 'a.jsonl'), 'utf8').trim().split('\n').length).toBeLessThan(6)
})
