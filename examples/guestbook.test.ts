import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, type PostgresServer, startPostgres } from '@mortise/postgres/server'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const here = path.join(import.meta.dirname, 'guestbook')
let dir: string
let postgres: PostgresServer
let databases = 0
const running: ChildProcess[] = []

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-guestbook-'))
  fs.chmodSync(dir, 0o711)
  postgres = await startPostgres({ dir: path.join(dir, 'postgres') })
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(stop))
})
afterAll(async () => {
  await postgres.stop()
  fs.rmSync(dir, { recursive: true, force: true })
})

async function newDatabase(): Promise<string> {
  const name = `guestbook_${++databases}`
  await createDatabase(postgres, name)
  return postgres.url(name)
}

/** Starts one of its processes with this environment and nothing else; `output()` is what it said so far. */
function start(file: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [file], { cwd: here, env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk
    })
  }
  return { child, output: () => said }
}

async function startWeb(env: Record<string, string> = {}) {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const web = start('web.js', { PORT: `${port}`, ...env })
  await until(() => web.output().includes('Listening'))
  return { ...web, url: `http://127.0.0.1:${port}` }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode) return child.exitCode
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  return code
}

async function until(isTrue: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  for (const end = Date.now() + limitMs; !(await isTrue()); await sleep(30)) {
    if (Date.now() > end) throw new Error('It did not become true in time.')
  }
}

const post = (url: string, name: string, message: string) =>
  fetch(`${url}/entries`, { method: 'POST', body: new URLSearchParams({ name, message }), redirect: 'manual' })

test('without a database the page says so and how to add one, and takes no entry', async () => {
  const { url } = await startWeb({ HEROKU_APP_NAME: 'example' })
  const page = await fetch(url)
  expect(page.status).toBe(200)
  for (const words of [
    'This guestbook has no database yet',
    'heroku addons:create mortise-postgresql:mini -a example',
  ]) {
    expect(await (await fetch(url)).text()).toContain(words)
    expect(await (await post(url, 'Ada', 'hi')).text()).toContain(words)
  }
  expect((await post(url, 'Ada', 'hi')).status).toBe(503)
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok', database: false })
  const worker = start('worker.js', {})
  await until(() => worker.output().includes('There is no database'))
  expect(await stop(worker.child)).toBe(0)
})

test('an entry is kept, shown newest first as text, and counted by the worker', async () => {
  const DATABASE_URL = await newDatabase()
  // Both at once: they race for making the tables.
  const worker = start('worker.js', { DATABASE_URL })
  const { url } = await startWeb({ DATABASE_URL })
  expect((await post(url, 'Ada', 'first')).status).toBe(303)
  const posted = await post(url, '<b>Bob</b>', '<script>alert("2")</script>')
  expect(posted.headers.get('location')).toBe('/')
  const entries = (await (await fetch(`${url}/entries`)).json()) as { message: string }[]
  expect(entries.map(({ message }) => message)).toEqual(['<script>alert("2")</script>', 'first'])
  const page = await (await fetch(url)).text()
  expect(page).not.toContain('<script>')
  expect(page).not.toContain('<b>Bob')
  expect(page.indexOf('alert(')).toBeLessThan(page.indexOf('first'))
  await until(async () => (await (await fetch(url)).text()).includes('The worker counts 2 entries'))
  expect(worker.output()).not.toContain('Could not count')
})

test('an entry without words, or with far too many, is refused', async () => {
  const { url } = await startWeb({ DATABASE_URL: await newDatabase() })
  expect((await post(url, ' ', 'hi')).status).toBe(422)
  expect((await post(url, 'Ada', 'x'.repeat(1_001))).status).toBe(422)
  expect((await post(url, 'Ada', 'x'.repeat(200_000))).status).toBe(413)
  expect(await (await fetch(`${url}/entries`)).json()).toEqual([])
})

test('a lost database is an answered error, and later connections work again', async () => {
  const DATABASE_URL = await newDatabase()
  const { url, child } = await startWeb({ DATABASE_URL })
  await post(url, 'Ada', 'before')
  await postgres.stop()
  const lost = await fetch(url)
  expect(lost.status).toBe(503)
  expect(await lost.text()).toContain('The database does not answer')
  postgres = await startPostgres({ dir: path.join(dir, 'postgres') })
  await until(async () => (await fetch(`${url}/entries`)).status === 200)
  expect(await (await fetch(`${url}/entries`)).json()).toMatchObject([{ message: 'before' }])
  expect(child.exitCode).toBeNull()
})

test('SIGTERM lets open requests finish', async () => {
  const web = await startWeb({ DATABASE_URL: await newDatabase() })
  const body = 'name=Ada&message=last+words'
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  const request = http.request(`${web.url}/entries`, { method: 'POST', headers, agent: false })
  request.write(body.slice(0, 5))
  // The server has the request once it answers another one that came later.
  const [socket] = await once(request, 'socket')
  if (socket.connecting) await once(socket, 'connect')
  await fetch(`${web.url}/health`)
  const code = stop(web.child)
  await until(() => web.output().includes('Finishing'))
  request.end(body.slice(5))
  const [answer] = await once(request, 'response')
  expect(answer.statusCode).toBe(303)
  expect(await code).toBe(0)
})
