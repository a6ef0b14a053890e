import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type PostgresServer, startPostgres } from '../postgres/server.js'
import { ask, endPrograms, freePort, type Program, startProgram, startServer } from './server-process.js'

// The master key is replaced while two processes work, by the command that an operator types.
const root = path.dirname(import.meta.dirname)
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-keys-'))
fs.chmodSync(scratch, 0o711)
const dir = path.join(scratch, 'data')
const keyFile = path.join(dir, 'master.key')
const apiKey = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }

let database: PostgresServer
let servers: Program[]
const ports: number[] = []

beforeAll(async () => {
  database = await startPostgres({ dir: path.join(scratch, 'postgres') })
  await createDatabase(database, 'mortise')
  ports.push(await freePort(), await freePort())
  const given = { dir, apiKey, env: { MORTISE_DATABASE_URL: database.url('mortise') } }
  servers = [
    await startServer({ ...given, port: ports[0] ?? 0 }),
    await startServer({ ...given, port: ports[1] ?? 0, args: ['--role', 'api'] }),
  ]
  expect((await ask(ports[0] ?? 0, 'POST', '/apps', { headers, body: { name: 'keyed' } })).status).toBe(201)
}, 180_000)

afterAll(async () => {
  await endPrograms()
  await database?.stop()
  fs.rmSync(scratch, { recursive: true, force: true })
})

const versions = () => [...fs.readFileSync(keyFile, 'utf8').matchAll(/^(\d+):/gm)].map((match) => Number(match[1]))

async function rotate(kill: boolean): Promise<string> {
  const args = ['keys:rotate', '--data-dir', dir, '--database-url', database.url('mortise')]
  const ready = kill ? /(Version \d+ of the master key was made)/ : /(Version [\d, ]+ was retired)/
  const running = await startProgram(path.join(root, 'bin/mortise'), args, {}, ready)
  if (kill) running.kill('SIGKILL')
  expect(await running.exited).toBe(kill ? 'SIGKILL' : 0)
  return running.said()
}

test('a rotation that is killed and run again ends with one new key, and no write or read fails meanwhile', async () => {
  let over = false
  const told: number[] = []
  const customer = async (port: number, name: string) => {
    for (let count = 0; !over; count++) {
      const set = await ask(port, 'PATCH', '/apps/keyed/config-vars', { headers, body: { [name]: String(count) } })
      told.push(set.status)
      // Each reads what the other has sealed.
      const read = await ask(ports.find((one) => one !== port) ?? 0, 'GET', '/apps/keyed/config-vars', { headers })
      told.push(read.status)
      if (read.status === 200) expect(read.body[name]).toBe(String(count))
    }
  }
  const customers = [customer(ports[0] ?? 0, 'ONE'), customer(ports[1] ?? 0, 'TWO')]
  expect(versions()).toEqual([1])
  await rotate(true)
  expect(versions()).toEqual([1, 2])
  expect(await rotate(false)).toMatch(/Going on with the rotation to version 2[\s\S]*\d+ sealed values were rewrapped/)
  expect(versions()).toEqual([2])
  expect(fs.statSync(keyFile).mode & 0o777).toBe(0o600)
  over = true
  await Promise.all(customers)
  expect(told.length).toBeGreaterThan(20)
  expect(new Set(told)).toEqual(new Set([200]))
  // Later starts know the new one only.
  servers[1]?.kill('SIGTERM')
  await servers[1]?.exited
  const env = { MORTISE_DATABASE_URL: database.url('mortise') }
  await startServer({ dir, apiKey, env, port: ports[1] ?? 0, args: ['--role', 'api'] })
  const read = await ask(ports[1] ?? 0, 'GET', '/apps/keyed/config-vars', { headers })
  expect(Object.keys(read.body).sort()).toEqual(['ONE', 'TWO'])
}, 240_000)
