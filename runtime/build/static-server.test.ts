import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { givePortBack, takePort } from '../local/port.js'

let dir: string
let server: ChildProcess
let port: number

beforeAll(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-static-'))
  const files = {
    'secret.txt': 'not for visitors',
    'public/index.html': '<p>home',
    'public/docs/index.html': '<p>docs',
    'public/a b.css': 'p {}',
    'public/.env': 'SECRET=1',
    'public/404.html': '<p>lost',
    '.static/root': 'public',
  }
  for (const [name, text] of Object.entries(files)) {
    await fs.mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await fs.writeFile(path.join(dir, name), text)
  }
  await fs.symlink('../secret.txt', path.join(dir, 'public/link.txt'))
  await fs.copyFile(
    path.join(import.meta.dirname, 'buildpacks/static/lib/server.cjs'),
    path.join(dir, '.static/server.cjs'),
  )
  port = await takePort()
  server = spawn(process.execPath, [path.join(dir, '.static/server.cjs')], {
    env: { PORT: `${port}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(server.stdout as NodeJS.ReadableStream, 'data')
})
afterAll(async () => {
  server.kill('SIGTERM')
  expect(await once(server, 'exit')).toEqual([0, null])
  givePortBack(port)
  await fs.rm(dir, { recursive: true, force: true })
})

/** `http`, not `fetch`, which would tidy the addresses that matter here. */
async function get(url: string, options: http.RequestOptions = {}) {
  const request = http.request({ host: '127.0.0.1', port, path: url, agent: false, ...options }).end()
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
  let body = ''
  for await (const chunk of answer) body += chunk
  return { status: answer.statusCode, headers: answer.headers, body }
}

test('files are served with their types, folders by their index', async () => {
  expect(await get('/')).toMatchObject({
    status: 200,
    body: '<p>home',
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })
  expect(await get('/a%20b.css?v=1')).toMatchObject({
    status: 200,
    body: 'p {}',
    headers: { 'content-type': 'text/css; charset=utf-8' },
  })
  expect(await get('/docs')).toMatchObject({ status: 301, headers: { location: '/docs/' } })
  expect(await get('/docs/')).toMatchObject({ status: 200, body: '<p>docs' })
  expect(await get('/', { method: 'HEAD' })).toMatchObject({
    status: 200,
    body: '',
    headers: { 'content-length': '7' },
  })
})

test('a page that the visitor has already is not sent again', async () => {
  const { headers } = await get('/')
  expect(await get('/', { headers: { 'if-none-match': headers.etag } })).toMatchObject({ status: 304, body: '' })
})

test.each([
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/link.txt',
  '/.env',
  '/docs/..%5c..%5csecret.txt',
  '/%00',
])('nothing outside of the folder and nothing hidden is served: %s', async (url) => {
  expect(await get(url)).toMatchObject({ status: 404, body: '<p>lost' })
})

test('what is no address or no reading is refused', async () => {
  expect((await get('/%zz')).status).toBe(400)
  expect((await get('/', { method: 'POST' })).status).toBe(405)
})
