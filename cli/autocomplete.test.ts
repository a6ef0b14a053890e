import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })
const mortise = fileURLToPath(new URL('../bin/mortise', import.meta.url))
let dir: string
let host: string
let server: Worker

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-complete-'))
  symlinkSync(mortise, path.join(dir, 'mortise'))
  // In a thread of its own: this one waits for shells. It counts what it is asked.
  server = new Worker(
    `const http = require('node:http'); const { parentPort } = require('node:worker_threads'); let asked = 0
     const names = { '/apps': ['guestbook', 'guests', 'reports'], '/addon-services': ['mortise-postgresql'],
       '/apps/guestbook/addons': ['postgresql-curved-1'], '/apps/guestbook/addon-attachments': ['DATABASE'] }
     http.createServer((req, res) => { if (req.url === '/asked') return res.end(String(asked)); asked++
       res.writeHead(names[req.url] ? 200 : 404, { 'content-type': 'application/json' })
         .end(JSON.stringify((names[req.url] ?? []).map((name) => ({ name })))) })
       .listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port) })`,
    { eval: true },
  )
  host = `http://127.0.0.1:${await new Promise((listening) => server.once('message', listening))}`
  // Builds what is not built yet, so that no test below sees the note about it.
  spawnSync(process.execPath, [mortise, '--version'])
})
afterAll(async () => {
  await server.terminate()
  rmSync(dir, { recursive: true })
})

function shell(program: string, script: string, more: Record<string, string> = {}) {
  const env = { PATH: `${dir}:${process.env['PATH']}`, HOME: dir, MORTISE_HOST: host, MORTISE_API_KEY: 'key', ...more }
  const { stdout, stderr } = spawnSync(program, ['-c', script], { env, encoding: 'utf8', timeout: 55_000 })
  expect(stderr).toBe('')
  return stdout
}

/** What bash offers when the key is pressed at the end of this line: it takes what stands after the last colon or equal sign. */
const offered = (line: string, more?: Record<string, string>) =>
  shell(
    'bash',
    `source <(mortise autocomplete bash); COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; _mortise; printf '%s\\n' "\${COMPREPLY[@]}"`,
    more,
  )
    .split('\n')
    .filter(Boolean)

it('bash is offered commands, after a colon too', () => {
  expect(offered('mortise addons:cr')).toEqual(['create', 'credentials'])
  expect(offered('mortise whoa')).toEqual(['whoami'])
  expect(offered('mortise help releases:ro')).toEqual(['rollback'])
})

it('bash is offered flags, and the values that a flag may have', () => {
  expect(offered('mortise apps:info --a')).toEqual(['--app'])
  expect(offered('mortise webhooks:add --level ')).toEqual(['notify', 'sync'])
  expect(offered('mortise run -a guestbook -- cat ')).toEqual([])
})

it('bash is offered apps, add-ons and services of this server', () => {
  expect(offered('mortise config -a gu')).toEqual(['guestbook', 'guests'])
  expect(offered('mortise config --app=re')).toEqual(['reports'])
  expect(offered('mortise addons:create mo')).toEqual(['mortise-postgresql'])
  expect(offered('mortise addons:open -a guestbook ')).toEqual(['DATABASE', 'postgresql-curved-1'])
  expect(offered('mortise addons:info D', { MORTISE_APP: 'guestbook' })).toEqual(['DATABASE'])
})

it('a second press within a minute asks nobody, and the names are for their owner only', async () => {
  const asked = async () => Number(await (await fetch(`${host}/asked`)).text())
  offered('mortise logs -a g')
  const before = await asked()
  expect(offered('mortise logs -a gues')).toEqual(['guestbook', 'guests'])
  expect(await asked()).toBe(before)
  expect(offered('mortise logs -a gues', { MORTISE_API_KEY: 'another' })).toEqual(['guestbook', 'guests'])
  expect(await asked()).toBe(before + 1)
  expect(statSync(path.join(dir, '.cache', 'mortise', 'names.json')).mode & 0o777).toBe(0o600)
})

it('without a server nothing is offered, and nothing is said', async () => {
  const nobody = http.createServer()
  await new Promise<void>((listening) => nobody.listen(0, '127.0.0.1', listening))
  const { port } = nobody.address() as AddressInfo
  await new Promise((closed) => nobody.close(closed))
  expect(offered('mortise config -a g', { MORTISE_HOST: `http://127.0.0.1:${port}` })).toEqual([])
})

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

it.skipIf(!has('fish'))('fish is offered the same', () => {
  expect(shell('fish', "mortise autocomplete fish | source; complete -C 'mortise addons:cr'")).toContain(
    'addons:create',
  )
  expect(shell('fish', "mortise autocomplete fish | source; complete -C 'mortise config -a gu'")).toContain('guestbook')
})

it.skipIf(!has('zsh'))('zsh takes the script, and asks for the words up to the cursor', () => {
  const script = `autoload -Uz compinit; compinit -u -d ${dir}/dump; source <(mortise autocomplete zsh)
    compadd() { print -l -- \${(P)2} }; words=(mortise addons:cr); CURRENT=2; _mortise`
  expect(shell('zsh', script)).toContain('addons:create')
})
