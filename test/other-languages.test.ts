import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { inspect } from '../conformance/inspect.js'
import { type Answer, ask, endPrograms, freePort, type Program, startProgram, startServer } from './server-process.js'

// Providers in other languages, written from the guides alone and with no line of ours in them: one whole life each on
// the real platform, then everything that we ask of a provider.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const root = fileURLToPath(new URL('..', import.meta.url))
const apiKey = 'other-languages-key-0123456789'
const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/vnd.heroku+json; version=3' }
let dir: string
let platform: number

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-languages-'))
  chmodSync(dir, 0o711)
  platform = await freePort()
  await startServer({ dir: path.join(dir, 'platform'), port: platform, apiKey })
})
afterAll(async () => {
  await endPrograms()
  rmSync(dir, { recursive: true, force: true })
})

const api = (method: string, address: string, body?: unknown) => ask(platform, method, address, { headers, body })

interface Language {
  language: string
  program: string
  /** Arguments with which it ends well when everything is there. */
  needs: string[]
  file: string
  args?(file: string, port: number): string[]
  ready?: RegExp
}

const languages: Language[] = [
  { language: 'Python', program: 'python3', needs: ['-c', ''], file: 'examples/provider-python/provider.py' },
  { language: 'Ruby', program: 'ruby', needs: ['-rwebrick', '-e', ''], file: 'examples/provider-ruby/provider.rb' },
  {
    language: 'PHP',
    program: 'php',
    needs: ['-r', 'exit(PHP_VERSION_ID >= 80100 ? 0 : 1);'],
    file: 'examples/provider-php/provider.php',
    args: (file, port) => ['-S', `127.0.0.1:${port}`, file],
    ready: /Development Server \((\S+)\) started/,
  },
  { language: 'Java', program: 'javac', needs: ['--version'], file: 'examples/provider-java/Provider.java' },
]

for (const { language, program, needs, file, args, ready } of languages) {
  const isHere = spawnSync(program, needs).status === 0
  // Said aloud: a run without it has not tried this.
  if (!isHere)
    console.warn(`NOT RUN: ${file}, because \`${program} ${needs.join(' ')}\` does not work on this machine.`)
  const title = isHere ? '' : ` (NOT RUN: no ${program} here)`

  test.skipIf(!isHere)(
    `a provider in ${language} lives on the platform and passes its inspection${title}`,
    async () => {
      const slug = `counters-${language.toLowerCase()}`
      const own = path.join(dir, slug)
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      const generate = ['manifest:generate', slug, '--base-url', url, '--output', `${own}.json`]
      const made = spawnSync(path.join(root, 'bin/mortise'), generate, { encoding: 'utf8' })
      expect(made.status, made.stderr).toBe(0)
      const manifest = JSON.parse(readFileSync(`${own}.json`, 'utf8'))
      manifest.api.config_vars = ['COUNTERS_URL']
      manifest.api.config_vars_prefix = 'COUNTERS'
      manifest.api.test = manifest.api.production
      writeFileSync(`${own}.json`, JSON.stringify(manifest))
      const env = {
        PORT: String(port),
        STATE: `${own}-state.json`,
        ADDON_MANIFEST: `${own}.json`,
        PLATFORM: `http://localhost:${platform}`,
      }
      const source = path.join(root, file)
      // Java compiles its one file by itself.
      const command = program === 'javac' ? 'java' : program
      const start = () =>
        startProgram(command, args?.(source, port) ?? [source], env, ready ?? /^counters listens at (\S+)/m)

      let provider: Program = await start()
      expect((await api('POST', `/api/v3/addons/${slug}/manifests`, { contents: manifest })).status).toBe(201)
      await oneLife(slug, async () => {
        // What a customer counts on survives the provider's restart.
        provider.kill('SIGTERM')
        await provider.exited
        provider = await start()
      })

      const limits = { slowMs: 20_000, answerMs: 25_000, asyncMs: 2_000, graceMs: 50, cleanupMs: 5_000 }
      const report = await inspect({ manifest, limits })
      const told = report.checks.filter(({ status }) => status === 'fail' || status === 'warn')
      // Plain http is right for one machine.
      expect(told.filter(({ id }) => id !== 'manifest.https').map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
      expect(report).toMatchObject({ error: null, cleanUp: { left: [] } })
      expect(report.passed).toBeGreaterThan(70)
    },
  )
}

/** Provision, use, change of plan, single sign-on, the provider's list, removal. */
async function oneLife(slug: string, restart: () => Promise<void>) {
  const app = `uses-${slug}`
  await api('POST', '/apps', { name: app })
  const addon = made(await api('POST', `/apps/${app}/addons`, { plan: `${slug}:test` }), 201)
  expect(addon).toMatchObject({ state: 'provisioned', provision_message: 'Counting from 0.' })
  const { COUNTERS_URL: address } = made(await api('GET', `/apps/${app}/config-vars`), 200)
  expect(await (await fetch(address, { method: 'POST' })).json()).toEqual({ count: 1 })
  await restart()
  expect(await (await fetch(address, { method: 'POST' })).json()).toEqual({ count: 2 })

  const changed = await api('PATCH', `/apps/${app}/addons/${addon.name}`, { plan: `${slug}:standard-0` })
  expect(made(changed, 200).plan.name).toBe(`${slug}:standard-0`)

  // What a browser does with the form, for somebody who has none.
  const form = made(await api('GET', `/apps/${app}/addons/${addon.name}/sso`), 200)
  const signedOn = await fetch(form.action, {
    method: form.method,
    body: new URLSearchParams(form.params),
    redirect: 'manual',
  })
  expect(signedOn.status).toBe(303)
  const cookie = signedOn.headers.getSetCookie().map((line) => line.split(';')[0])
  expect(cookie).toContain(`heroku-nav-data=${form.params['nav-data']}`)
  const page = await fetch(new URL(signedOn.headers.get('location') ?? '', form.action), {
    headers: { cookie: cookie.join('; ') },
  })
  expect(await page.text()).toContain(`${addon.name} of ${app} stands at <strong>2</strong>, on plan standard-0`)

  made(await api('POST', `/providers/${slug}/actions/compare`), 202)
  await vi.waitFor(async () => {
    const { comparison } = made(await api('GET', '/providers'), 200).find(({ name }: { name: string }) => name === slug)
    expect(comparison).toMatchObject({ outcome: 'whole', listed: 1 })
  }, 20_000)

  made(await api('DELETE', `/apps/${app}/addons/${addon.name}`), 200)
  expect(made(await api('GET', `/apps/${app}/config-vars`), 200)).toEqual({})
  expect((await fetch(address)).status).toBe(404)
}

function made({ status, body }: Answer, expected: number) {
  expect(status, JSON.stringify(body)).toBe(expected)
  return body
}
