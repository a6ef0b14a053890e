import { afterEach, expect, test } from 'vitest'
import { listAttachmentsOfAddon } from '../attachments/store.js'
import { attachmentViews } from '../attachments/view.js'
import { listActiveDrains, listDrainsOfAddon } from '../drains/store.js'
import { urlOf } from '../drains/view.js'
import { eventsOf } from '../events/store.js'
import { logWriterBy } from '../logs/log-input-store.js'
import { tokenHash } from '../secrets/tokens.js'
import { attach, detach } from './attach.js'
import { providerSays } from './call-backs.js'
import { logAccessReconciler } from './log-access.js'
import { type TestLifecycle, testLifecycle, whatIsWrong } from './test-lifecycle.js'

let scene: TestLifecycle
afterEach(async () => {
  expect(await whatIsWrong(scene)).toEqual([])
  await scene.stop()
})

const requires = ['attachable', 'many_per_app', 'log_input', 'syslog_drain']
const drainUrl = 'https://fast:hidden@logs.example.com/in'
const honest = (more: object = {}) => ({
  acts: true as const,
  status: 201,
  body: { id: 'x', config: { FAST_DB_URL: 'fast://x' }, ...more },
})

async function begin(given: Parameters<typeof testLifecycle>[0] = { requires }) {
  scene = await testLifecycle(given)
  return scene
}
const asked = () => scene.provider.received.find(({ method }) => method === 'POST')?.body ?? {}
const writer = (url: string) => logWriterBy(scene.db, tokenHash(new URL(url).password))

test('a manifest that asks for neither gets neither', async () => {
  const { create, newApp } = await begin({})
  await create(await newApp())
  expect(asked()).not.toHaveProperty('log_drain_token')
  expect(asked()).not.toHaveProperty('log_input_url')
})

test('both are told with the question; the log goes where the answer says, once it is provisioned', async () => {
  const { create, newApp, provider, db, secrets } = await begin()
  let activeWhileAsked = -1
  provider.onRequest = async () => {
    activeWhileAsked = (await listActiveDrains(db)).length
  }
  provider.lie('POST', honest({ log_drain_url: drainUrl }))
  const app = await newApp()
  const addon = await create(app)
  const { log_drain_token: token, log_input_url: input } = asked() as Record<string, string>
  expect(token).toMatch(/^d\.[0-9a-f-]{36}$/)
  expect(input).toMatch(/^http:\/\/token:t\.[0-9a-f-]{36}@localhost:5055\/logs$/)
  expect(activeWhileAsked).toBe(0)
  const [drain, ...more] = await listActiveDrains(db)
  expect(more).toEqual([])
  expect(drain).toMatchObject({ token, appId: app.id, addon: { id: addon.id } })
  expect(drain && urlOf(drain, secrets)).toBe(drainUrl)
  expect(await writer(input ?? '')).toMatchObject({ appId: app.id, serviceName: 'fast-db' })
  const [event] = await eventsOf(db, drain?.id ?? '')
  expect(event).toMatchObject({ action: 'create', actor: { email: 'fast-db@addons.heroku.com' } })
})

test('the older name of the address is read as well, and one that can not be used is left out', async () => {
  const { create, newApp, provider, db, secrets } = await begin()
  provider.lie(
    'POST',
    honest({ syslog_drain_url: 'syslog://logs.example.com:9999' }),
    honest({ log_drain_url: 'file:///etc' }),
  )
  await create(await newApp())
  await create(await newApp())
  const urls = (await listActiveDrains(db)).map((drain) => urlOf(drain, secrets))
  expect(urls).toEqual(['syslog://logs.example.com:9999'])
})

test('each app that it is attached to has a drain and an input of its own, and loses them with it', async () => {
  const { create, newApp, provider, db, life, actor, secrets } = await begin()
  provider.lie('POST', honest({ log_drain_url: drainUrl }))
  const addon = await create(await newApp())
  const other = await newApp()
  const order = { appId: other.id, addonId: addon.id, wanted: null, confirm: null, actor }
  const attachment = await attach(life.deps, order)
  const second = await attach(life.deps, { ...order, wanted: 'AGAIN' })
  const drains = await listActiveDrains(db)
  expect(drains.map((drain) => urlOf(drain, secrets))).toEqual([drainUrl, drainUrl])
  expect(new Set(drains.map(({ token }) => token)).size).toBe(2)
  const views = await attachmentViews(db, await listAttachmentsOfAddon(db, addon.id), {
    origin: 'https://api.example.com',
    include: new Set(),
    secrets,
  })
  const [here, there, thereAgain] = views.map((view) => view.log_input_url ?? '')
  expect(here).not.toBe(there)
  expect(there).toBe(thereAgain)
  expect(await writer(there ?? '')).toMatchObject({ appId: other.id })

  await detach(life.deps, attachment, actor)
  expect(await listDrainsOfAddon(db, addon.id)).toHaveLength(2)
  expect(await writer(there ?? '')).toBeDefined()
  await detach(life.deps, second, actor)
  expect((await listDrainsOfAddon(db, addon.id)).map(({ appId }) => appId)).toEqual([addon.appId])
  expect(await writer(there ?? '')).toBeUndefined()
  expect(await writer(here ?? '')).toBeDefined()
})

test('while it is being removed it gets no more of the log, and may say its last words; then nothing is left', async () => {
  const { create, remove, newApp, provider, db, life } = await begin()
  provider.lie('POST', honest({ log_drain_url: drainUrl }))
  const addon = await create(await newApp())
  const input = (asked() as Record<string, string>)['log_input_url'] ?? ''
  provider.lie('DELETE', { status: 202 })
  await remove(addon.id)
  expect(await listDrainsOfAddon(db, addon.id)).toEqual([])
  expect(await writer(input)).toBeDefined()
  await providerSays(life.deps, addon.id, 'deprovision')
  provider.resources.clear()
  expect(await writer(input)).toBeUndefined()
})

test('a refused one leaves neither drain nor input', async () => {
  const { create, newApp, provider, db } = await begin()
  provider.lie('POST', { status: 422, body: { message: 'No.' } })
  await expect(create(await newApp())).rejects.toThrow('No.')
  const input = (asked() as Record<string, string>)['log_input_url'] ?? ''
  expect(await listActiveDrains(db)).toEqual([])
  expect(await writer(input)).toBeUndefined()
})

test('when a later manifest asks for the log, the add-ons that are there get it too, once', async () => {
  const { create, newApp, db, push, manifest, life } = await begin({})
  const addon = await create(await newApp())
  await push({ api: { ...manifest.api, requires } })
  const { pass } = logAccessReconciler(life.deps)
  await pass()
  await pass()
  expect(await listDrainsOfAddon(db, addon.id)).toMatchObject([{ appId: addon.appId, sealed: null }])
  const [attachment] = await listAttachmentsOfAddon(db, addon.id)
  expect(attachment?.sealedLogInput).not.toBeNull()
  // Its provider has told no address yet, so nothing goes anywhere.
  expect(await listActiveDrains(db)).toEqual([])
})

test('a question that is asked twice tells the same tokens', async () => {
  const { create, newApp, provider, work, advance } = await begin()
  provider.lie('POST', { acts: true, status: 500, body: 'oops' })
  await create(await newApp())
  advance(10_000)
  await work()
  const posts = provider.received.filter(({ method }) => method === 'POST').map(({ body }) => body)
  expect(posts.length).toBeGreaterThan(1)
  for (const name of ['log_drain_token', 'log_input_url']) {
    expect(new Set(posts.map((body) => body?.[name])).size).toBe(1)
  }
})
