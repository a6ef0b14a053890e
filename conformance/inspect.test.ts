import { afterEach, expect, test } from 'vitest'
import { trade } from './broken-calls.js'
import { type BrokenProvider, brokenProvider, type Habits, manifestOf, password, salt } from './broken-provider.js'
import { type InspectOptions, inspect } from './inspect.js'
import type { Report } from './report.js'

/** Short, so that what never comes is not waited for. */
const quick = { slowMs: 5_000, answerMs: 8_000, asyncMs: 2_000, graceMs: 50, cleanupMs: 500 }
const open: BrokenProvider[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

interface Wishes extends Partial<InspectOptions> {
  version?: '1' | '3'
  // biome-ignore lint/suspicious/noExplicitAny: manifests are changed in every way.
  edit?(manifest: any): void
}

async function inspected(habits: Partial<Habits>, { version = '3', edit, ...options }: Wishes = {}) {
  const provider = await brokenProvider(habits)
  open.push(provider)
  const manifest = manifestOf(provider.url, version)
  edit?.(manifest)
  return { provider, manifest, report: await inspect({ manifest, limits: quick, ...options }) }
}

/** What an inspection has to say against a provider. */
const told = ({ checks }: Report) =>
  checks
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .map(({ id, status, reason }) => `${status} ${id}: ${reason}`)
const statusIn = ({ checks }: Report, wanted: string) => checks.find(({ id }) => id === wanted)?.status

const v1: Partial<Habits> = { idOf: (uuid) => `own-${uuid.slice(0, 8)}`, removed: () => ({ status: 200 }) }
const asynchronous: Partial<Habits> = {
  provisioned: ({ id }) => ({ status: 202, body: { id, message: 'It takes a while.' } }),
  async behind({ uuid, secret }, asked, { resources }) {
    const platform = await trade(asked)
    const isThere = () => resources.some((each) => each.uuid === uuid)
    if (!isThere()) return
    await platform.call('PATCH', '/config', {
      config: [{ name: 'FAST_DB_URL', value: `fast://${secret}@db.example.com` }],
    })
    if (isThere()) await platform.call('POST', '/actions/provision')
  },
}

test('a sound provider that never trades its grant passes everything, and nothing of it is left', async () => {
  const { provider, report } = await inspected({})
  expect(told(report)).toEqual([])
  expect(report).toMatchObject({ failed: 0, warned: 0, error: null, cleanUp: { left: [] } })
  expect(report.passed).toBeGreaterThan(75)
  expect(report.cleanUp.made).toBeGreaterThan(5)
  expect(provider.resources).toEqual([])
})

test('a sound provider that lists what it keeps is held to it', async () => {
  const { report } = await inspected({}, { edit: ({ api }) => void Object.assign(api, { lists_resources: true }) })
  expect(told(report)).toEqual([])
  for (const id of ['provision.listed', 'provision.list-no-password', 'after.unlisted'])
    expect(statusIn(report, id)).toBe('pass')
})

test('a sound provider of the first generation passes, by its own ids and by GET', async () => {
  const withForm = await inspected(v1, { version: '1' })
  expect(told(withForm.report)).toEqual([])
  expect(withForm.provider.resources).toEqual([])
  const asRoots = await inspected(v1, {
    version: '1',
    edit({ api }) {
      api.test = new URL(api.test.base_url).origin
      api.production = 'https://fast.example.com/'
    },
  })
  expect(told(asRoots.report)).toEqual([])
  expect(statusIn(asRoots.report, 'sso.login')).toBe('pass')
})

test('a sound provider of the first generation that answers later, as kensa asked for, passes', async () => {
  const { report, provider } = await inspected(
    {
      ...v1,
      provisioned: ({ id }) => ({ status: 202, body: { id } }),
      async behind({ secret }, { callback_url }) {
        await fetch(`${callback_url}`, {
          method: 'PUT',
          headers: { authorization: `Basic ${Buffer.from(`fast-db:${password}`).toString('base64')}` },
          body: JSON.stringify({ config: { FAST_DB_URL: `fast://${secret}@db.example.com` } }),
        })
      },
    },
    { version: '1' },
  )
  // The call may arrive before the answer was read, as it may at a real platform: that is a warning.
  expect(told(report).filter((line) => !line.includes('callbacks.early'))).toEqual([])
  expect(statusIn(report, 'callbacks.completion')).toBe('pass')
  expect(provider.resources).toEqual([])
})

test('a sound provider that answers later passes, and its call-backs are judged', async () => {
  const { report, provider } = await inspected(asynchronous)
  expect(told(report).filter((line) => !line.includes('callbacks.early'))).toEqual([])
  for (const id of ['completion', 'grant', 'token', 'config']) expect(statusIn(report, `callbacks.${id}`)).toBe('pass')
  expect(statusIn(report, 'provision.config-complete')).toBe('pass')
  expect(provider.resources).toEqual([])
})

test('a wrong client secret is noticed when the right one is given', async () => {
  const { report } = await inspected(asynchronous, { clientSecret: 'another-secret', only: ['callbacks'] })
  expect(statusIn(report, 'callbacks.grant')).toBe('fail')
  expect(statusIn(report, 'callbacks.completion')).toBe('fail')
})

test('a provider that reports to another platform learns where it was waited for', async () => {
  const silent = { provisioned: ({ id }: { id: string }) => ({ status: 202, body: { id } }) }
  const { report } = await inspected(silent, { only: ['callbacks'] })
  const { reason } = report.checks.find(({ id }) => id === 'callbacks.completion') ?? {}
  expect(reason).toMatch(/never called http:\/\/127\.0\.0\.1:\d+/)
})

test('a provider that makes one for each repeat is left without any', async () => {
  const { provider, report } = await inspected({ repeats: 'new' })
  expect(report.failed).toBeGreaterThan(0)
  expect(provider.resources).toEqual([])
  expect(report.cleanUp.left).toEqual([])
})

test('what is made by a stranger with an open door is removed, too', async () => {
  const { provider, report } = await inspected({ lets: () => true })
  expect(statusIn(report, 'provision.no-password')).toBe('fail')
  expect(provider.resources).toEqual([])
})

test('a lost answer leaves nothing: what may exist is removed', async () => {
  const pauseMs = { POST: 300, PUT: 0, DELETE: 0, SSO: 0 }
  const { provider, report } = await inspected(
    { pauseMs },
    { limits: { ...quick, answerMs: 150 }, only: ['provision'] },
  )
  expect(statusIn(report, 'provision.answer')).toBe('fail')
  expect(report.cleanUp.left).toEqual([])
  expect(provider.resources).toEqual([])
})

test('what cannot be removed is named', async () => {
  const { report } = await inspected({ removed: () => ({ status: 500 }) }, { only: ['provision'] })
  expect(report.cleanUp.left.length).toBe(report.cleanUp.made)
  expect(report.cleanUp.left[0]).toMatch(/^[0-9a-f-]{36} may still exist: its removal got 500\.$/)
  expect(statusIn(report, 'after.clean')).toBe('fail')
})

test('an interruption ends the questions and removes what was made', async () => {
  const interruption = new AbortController()
  const { provider, report } = await inspected(
    {},
    {
      signal: interruption.signal,
      reader: { end: ({ id }) => void (id === 'provision.unknown-fields' && interruption.abort()) },
    },
  )
  expect(report.error).toBe('The inspection was interrupted.')
  expect(report.checks.some(({ id }) => id.startsWith('sso.'))).toBe(false)
  expect(report.cleanUp).toMatchObject({ left: [] })
  expect(report.cleanUp.made).toBeGreaterThan(1)
  expect(provider.resources).toEqual([])
})

test('a provider that is not there, and one that makes nothing for a later phase, is not an inspection', async () => {
  const { provider, manifest } = await inspected({}, { only: ['manifest'] })
  await provider.close()
  open.pop()
  const report = await inspect({ manifest, limits: quick })
  expect(report.error).toMatch(/^Could not start: http:\/\/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\.$/)
  const { report: later } = await inspected({ provisioned: () => ({ status: 500 }) }, { only: ['sso'] })
  expect(later.error).toMatch(/nothing was provisioned/)
})

test('no secret is in a report: neither of the manifest, nor of the config, nor any token', async () => {
  const { report } = await inspected({
    ...asynchronous,
    configOf: ({ secret }) => ({ FAST_DB_URL: `fast://${secret}@db.example.com`, OTHER: `${secret}-too` }),
    missing: { PUT: { status: 500, text: `The password is ${password}, the salt ${salt}` }, DELETE: { status: 410 } },
  })
  const text = JSON.stringify(report)
  expect(report.failed).toBeGreaterThan(0)
  expect(text).toContain('[hidden]')
  for (const secret of [password, salt, 'of-the-customer', 'shared-secret', 'HRKU-', 'fast_session=1']) {
    expect(text.includes(secret), secret).toBe(false)
  }
  expect(text).not.toMatch(/Basic [A-Za-z0-9+/]{8}|token=[0-9a-f]{8}|Bearer [A-Za-z0-9]{8}/)
})

test('each result says what was asked, what came back, where the rule is from and what to do', async () => {
  const { report } = await inspected({ missing: { PUT: { status: 500, text: 'Oops' }, DELETE: { status: 410 } } })
  expect(report.checks.find(({ id }) => id === 'plan.unknown-id')).toMatchObject({
    title: 'a change of an unknown resource is answered with 404',
    status: 'fail',
    reason: 'Expected 404, got 500.',
    rule: expect.stringContaining('404'),
    source: expect.stringContaining('kensa'),
    sent: expect.stringMatching(
      /^PUT http:.*\nauthorization: Basic \[hidden\]\naccept: application\/vnd\.heroku-addons\+json; version=3\n/,
    ),
    received: expect.stringMatching(/^500 after \d+ ms\n[\s\S]*Oops$/),
    advice: expect.stringContaining('404'),
  })
  for (const each of report.checks) expect([each.id, each.rule, each.source]).not.toContain('')
})

test('options of the inspection decide what is asked and where', async () => {
  const { provider, report } = await inspected({}, { plan: 'big', only: ['provision'] })
  expect(provider.asked[0]).toMatchObject({ plan: 'big', region: 'amazon-web-services::us-east-1', options: {} })
  expect(provider.asked[0]?.callback_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/addons\/[0-9a-f-]{36}$/)
  expect(report.checks.every(({ phase }) => phase === 'provision' || phase === 'after')).toBe(true)
  const { report: production } = await inspected(
    {},
    { production: true, limits: { ...quick, answerMs: 500 }, only: ['provision'] },
  )
  expect(production.error).toMatch(/fast\.example\.com/)
  const { report: without } = await inspected({}, { without: ['sso'] })
  expect(without.checks.some(({ phase }) => phase === 'sso')).toBe(false)
})
