import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { brokenProvider, manifestOf, password, salt } from './broken-provider.js'
import { main } from './main.js'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A platform as a party: it keeps what it is handed. */
async function platform(status = 201) {
  const handed: { path?: string; authorization?: string; body: string }[] = []
  const server = http.createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray()).toString()
    handed.push({ path: req.url, authorization: req.headers.authorization, body })
    res.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"Not yours."}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  closing.push(() => server.close())
  return { handed, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function inspect(flags: string[], env: Record<string, string> = {}) {
  const provider = await brokenProvider({})
  const dir = mkdtempSync(path.join(tmpdir(), 'hand-in-'))
  closing.push(provider.close, () => rmSync(dir, { recursive: true }))
  const file = path.join(dir, 'addon-manifest.json')
  writeFileSync(file, JSON.stringify(manifestOf(provider.url, '3')))
  let said = ''
  const write = (text: string) => {
    said += text
    return true
  }
  const around = { stdout: { write }, stderr: { write }, env, signal: new AbortController().signal }
  const code = await main([file, '--wait', '1', '--platform-port', '0', ...flags], around as never)
  return { code, said }
}

test('--report hands in how each check went, as the owner, and nothing of what was sent or received', async () => {
  const { url, handed } = await platform()
  const { code, said } = await inspect(['--report', url], { MORTISE_API_KEY: 'key-of-the-owner' })
  expect(code, said).toBe(0)
  expect(handed).toHaveLength(1)
  expect(handed[0]).toMatchObject({
    path: '/api/v3/addons/fast-db/inspections',
    authorization: 'Bearer key-of-the-owner',
  })
  const { checks } = JSON.parse(handed[0]?.body ?? '')
  expect(checks.length).toBeGreaterThan(75)
  expect(Object.keys(checks[0]).sort()).toEqual(['advice', 'id', 'reason', 'status', 'title'])
  for (const secret of [password, salt]) expect(handed[0]?.body).not.toContain(secret)
})

test('a report that is refused, or has no key, ends with 2 and a sentence', async () => {
  const { url } = await platform(404)
  expect(await inspect(['--report', url], { MORTISE_API_KEY: 'k' })).toMatchObject({
    code: 2,
    said: expect.stringContaining('The report was not handed in: Not yours.'),
  })
  expect(await inspect(['--report', url])).toMatchObject({ code: 2, said: expect.stringContaining('MORTISE_API_KEY') })
})

test('parts of an inspection are no report', async () => {
  const { code, said } = await inspect(['--report', 'http://localhost:1', '--without-sso'])
  expect([code, said]).toEqual([2, expect.stringContaining('--report is for whole inspections')])
})
