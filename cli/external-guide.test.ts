import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { endPrograms, startProgram } from '../test/server-process.js'

// The guide, line by line, in a shell, against the real server.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })
const mortise = fileURLToPath(new URL('../bin/mortise', import.meta.url))
const guide = readFileSync(new URL('../docs/guides/external-apps.md', import.meta.url), 'utf8')
const lines = guide.split('\n').flatMap((line) => /^ {4}(\S.*)$/.exec(line)?.[1] ?? [])
const key = 'external-guide-key-0123456789'
let dir: string
let host: string

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-external-'))
  symlinkSync(mortise, path.join(dir, 'mortise'))
  const args = [mortise, 'server', '--port', '0', '--data-dir', path.join(dir, 'data')]
  const env = { HOME: dir, MORTISE_EMAIL: 'ada@example.com', MORTISE_API_KEY: key }
  host = (await startProgram(process.execPath, args, env, /ready at (http:\S+)/)).readyWith
})
afterAll(async () => {
  await endPrograms()
  rmSync(dir, { recursive: true, force: true })
})

function shell(line: string, apiKey = key) {
  const child = spawn('bash', ['-c', line], {
    cwd: dir,
    env: { PATH: `${dir}:${process.env['PATH']}`, HOME: dir, MORTISE_HOST: host, MORTISE_API_KEY: apiKey },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  return new Promise<{ code: number | null; out: string; err: string }>((done) =>
    child.once('close', (code) => done({ code, out, err })),
  )
}

it('each line of the guide does what the guide says', async () => {
  // What the guide starts is a worker: here it ends by itself, so that the story goes on.
  writeFileSync(path.join(dir, 'start-worker'), '#!/bin/sh\nsleep 1\necho worker with $COLOUR\n', { mode: 0o755 })
  const said = new Map<string, string>()
  let consumerKey = key
  expect(lines).toHaveLength(8)
  for (const line of lines) {
    // The last lines are for the machine where the app runs, which has the key that was made for it.
    const { code, out, err } = await shell(line, consumerKey)
    expect(code, `${line}\n${err}`).toBe(0)
    said.set(line, out)
    if (line.includes('authorizations:create')) consumerKey = out.trim()
  }
  const find = (part: string) => [...said].find(([line]) => line.includes(part))?.[1]
  expect(find('printenv')).toBe('blue\n')
  expect(find('./start-worker')).toBe('worker with blue\n')
  expect(readFileSync(path.join(dir, '.env'), 'utf8')).toBe('COLOUR=blue\n')
  expect((await shell('eval "$(mortise env -a warehouse)"; echo $COLOUR')).out).toBe('blue\n')
  expect((await shell('mortise apps:info -a warehouse')).out).toMatch(/Acknowledged: +v2/)
})
