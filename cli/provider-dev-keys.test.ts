import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type IPty, spawn } from '@lydell/node-pty'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { manifest } from '../sdk/fixture.js'
import { freePort } from '../test/server-process.js'

// `provider dev` at a terminal, a key a command, as a provider's author sits before it.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })
const root = fileURLToPath(new URL('..', import.meta.url))
let dir: string
let terminal: IPty
let screen = ''
let exit: Promise<number>

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-keys-'))
  const origin = `http://127.0.0.1:${await freePort()}`
  const test = { base_url: `${origin}/heroku/resources`, sso_url: `${origin}/heroku/sso` }
  const own = { ...manifest, api: { ...manifest.api, test } }
  writeFileSync(path.join(dir, 'addon-manifest.json'), JSON.stringify(own))
  writeFileSync(path.join(dir, 'browser'), '#!/bin/sh\necho "$1" > "$(dirname "$0")/opened"\n', { mode: 0o755 })
  terminal = spawn(
    path.join(root, 'bin/mortise'),
    ['provider', 'dev', '--', process.execPath, path.join(root, 'sdk/dist/example.js')],
    {
      cwd: dir,
      cols: 200,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: dir,
        TERM: 'xterm',
        NO_COLOR: '1',
        MORTISE_PATIENCE: '0.1',
        BROWSER: path.join(dir, 'browser'),
      },
    },
  )
  terminal.onData((part) => (screen += part))
  exit = new Promise((done) => terminal.onExit(({ exitCode }) => done(exitCode)))
  await shows(/q {2}quit/)
})
afterAll(async () => {
  terminal?.kill('SIGKILL')
  await exit
  rmSync(dir, { recursive: true, force: true })
})

/** Waits for what appears from now on. @returns all that did until then */
async function shows(what: RegExp): Promise<string> {
  const until = Date.now() + 60_000
  while (!what.test(screen)) {
    if (Date.now() > until) throw new Error(`${what} did not appear:\n${screen}`)
    await new Promise((done) => setTimeout(done, 20))
  }
  const seen = screen
  screen = ''
  return seen
}
const press = (key: string, what: RegExp) => {
  terminal.write(key)
  return shows(what)
}

it('each key does what the list says, and what passed between the two is shown with it', async () => {
  for (const key of 'pcsodartlhq')
    expect(screen + (await press('h', /q {2}quit/))).toMatch(new RegExp(`^ {2}${key} {2}`, 'm'))
  const made = await press('p', /is there; the app has FAST_DB_URL\./)
  expect(made).toMatch(/platform → provider POST \/heroku\/resources 200[\s\S]*sent: [\s\S]*received: /)
  expect(made).toContain('"FAST_DB_URL":"[hidden]"')
  expect(await press('c', /has the plan fast-db:\w+\./)).toMatch(/PUT \/heroku\/resources\/\S+ 200/)
  expect(await press('s', /Answered 303, then 200/)).toMatch(/platform → provider POST \/heroku\/sso 303/)
  const opened = await press('o', /Opening (http:\S+)/)
  expect(opened).toMatch(/\/sso\/|\/apps\//)
  expect(await press('a', /fast-db-\S+ {2}fast-db:\w+ {2}/)).not.toContain('There is no add-on')
  // A key that means nothing does nothing.
  terminal.write('x')
  expect(await press('d', /fast-db-\S+ is gone\./)).toMatch(/DELETE \/heroku\/resources\/\S+ 204/)
  expect(await press('a', /There is no add-on\./)).not.toContain('no command')
})

it('it misbehaves as a platform does, each time for the next request only', async () => {
  await press('r', /The next request is sent twice\./)
  expect(await press('p', /is there;/)).toContain('sent again: the same answer')
  await press('t', /held back for 5 s\./)
  // Longer than a tenth of the platform's patience: it asks again meanwhile, and what was held back comes too late.
  expect(await press('d', /held back for 5 s/)).toMatch(/is gone\.[\s\S]*DELETE \/heroku\/resources\/\S+ 410/)
  await press('l', /The next answer is lost\./)
  const lost = await press('p', /is there;/)
  expect(lost).toContain('the answer was lost on its way back')
  // The same question again, which a provider that keeps its word answers alike.
  expect(lost.match(/platform → provider POST \/heroku\/resources 200/g)).toHaveLength(2)
  const quick = await press('d', /is gone\./)
  expect(quick).not.toMatch(/held back|sent again|lost/)
})

it('Ctrl-C ends it, the provider and the platform that it started', async () => {
  terminal.write('\u0003')
  expect(await exit).toBe(0)
})
