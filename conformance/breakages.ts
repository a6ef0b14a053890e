import { setTimeout as pause } from 'node:timers/promises'
import { trade } from './broken-calls.js'
import type { BrokenProvider, Habits, Resource } from './broken-provider.js'
import { password, salt, slug, soundHabits } from './broken-provider.js'
import type { Limits } from './inspection.js'

/** One way to be broken, and the check that must notice it. */
export interface Breakage {
  id: string
  status: 'fail' | 'warn'
  habits?: Partial<Habits>
  version?: '1' | '3'
  limits?: Partial<Limits>
  production?: boolean
  /** Changes of the manifest. */
  // biome-ignore lint/suspicious/noExplicitAny: manifests are broken in every way.
  edit?(manifest: any): void
}

const fails = (id: string, habits: Partial<Habits>, more: Partial<Breakage> = {}): Breakage => {
  return { id, status: 'fail', habits, ...more }
}
const warns = (id: string, habits: Partial<Habits>, more: Partial<Breakage> = {}): Breakage => {
  return { id, status: 'warn', habits, ...more }
}

const config = (value: unknown): Partial<Habits> => ({ configOf: () => value })
const sound = (user: string, secret: string) => user === slug && secret === password
const slow = { ...soundHabits.pauseMs }
const lists: Partial<Breakage> = { edit: ({ api }) => void Object.assign(api, { lists_resources: true }) }
const isUnknownPlan = (body: Record<string, unknown>) => !['mini', 'big'].includes(String(body.plan))

/** Every verb of the wire with a door that is open in one of four ways. */
const openDoors = (['POST', 'PUT', 'DELETE'] as const).flatMap((verb) => {
  const phase = { POST: 'provision', PUT: 'plan', DELETE: 'deprovision' }[verb]
  const ways: [string, (user: string, secret: string) => boolean][] = [
    ['wrong-user-and-password', (user, secret) => user === 'wrong' && secret === 'secret'],
    ['wrong-password', (user) => user === slug],
    ['wrong-user', (_, secret) => secret === password],
    ['no-password', (user) => user === ''],
  ]
  return ways.map(([way, isOpen]) =>
    fails(`${phase}.${way}`, {
      lets: (user, secret, method) => sound(user, secret) || (method === verb && isOpen(user, secret)),
    }),
  )
})

const provision: Breakage[] = [
  fails('provision.answer', { provisioned: () => ({ status: 500, body: {} }) }),
  fails('provision.answer', { provisioned: ({ id }) => ({ status: 204, body: { id } }) }),
  fails('provision.json', { provisioned: () => ({ status: 200, text: 'ok' }) }),
  fails('provision.json', { provisioned: () => ({ status: 200 }) }),
  fails('provision.id', { provisioned: () => ({ status: 200, body: { message: 'Made.' } }) }),
  fails('provision.id-of-resource', { idOf: (_, body) => String(body.heroku_id).replace(/\D/g, '') }),
  fails('provision.distinct-ids', { idOf: () => 'the-one' }),
  warns('provision.message', { provisioned: ({ id }) => ({ status: 200, body: { id, message: 5 } }) }),
  fails('provision.config', config('FAST_DB_URL=fast://db.example.com')),
  fails('provision.config-declared', config({ OTHER_URL: 'fast://db.example.com' })),
  warns('provision.config-complete', config({})),
  fails('provision.config-text', config({ FAST_DB_URL: 5432 })),
  fails('provision.config-names', config({ LD_PRELOAD: '/tmp/evil.so' })),
  fails('provision.config-urls', config({ FAST_DB_URL: 'db.example.com/1' })),
  fails('provision.config-urls', config({ FAST_DB_URL: 'fast:///1' })),
  fails('provision.config-urls', config({ FAST_DB_URL: 'fast://127.0.0.1/1' }), { production: true }),
  fails('provision.log-drain', {}, { edit: ({ api }) => api.requires.push('syslog_drain') }),
  fails('provision.unknown-fields', {
    refuses: (body) => ('inspect_new_field' in body ? { status: 400, body: { message: 'What?' } } : null),
  }),
  fails('provision.options', {
    refuses: ({ options }) => (Object.values(options ?? {}).includes('true') ? { status: 400 } : null),
  }),
  fails('provision.refusal', { refuses: (body) => (isUnknownPlan(body) ? { status: 422 } : null) }),
  fails('provision.refusal', { refuses: (body) => (isUnknownPlan(body) ? { status: 500 } : null) }),
  warns('provision.refusal', { refuses: () => null }),
  fails('provision.listed', { listed: () => ({ status: 404 }) }, lists),
  fails('provision.listed', { listed: () => ({ status: 200, body: [] }) }, lists),
  fails('provision.listed', { listed: () => ({ status: 200, body: { resources: [], next: null } }) }, lists),
  fails('provision.listed', { listed: () => ({ status: 200, body: { resources: [], next: 'on' } }) }, lists),
  fails(
    'provision.list-no-password',
    { lets: (user, secret, method) => sound(user, secret) || method === 'GET' },
    lists,
  ),
  warns('provision.time', { pauseMs: { ...slow, POST: 120 } }, { limits: { slowMs: 100 } }),
  fails('provision.time', { pauseMs: { ...slow, POST: 250 } }, { limits: { answerMs: 150 } }),
]

const repeats: Breakage[] = [
  fails('idempotency.repeat', { repeats: 'new', idOf: () => `id-${Math.random()}` }),
  fails('idempotency.repeat', { repeats: 'new' }),
  fails('idempotency.repeat', {
    provisioned: ({ id }, isRepeat) =>
      isRepeat ? { status: 422, body: { message: 'Twice.' } } : { status: 201, body: { id } },
  }),
  warns('idempotency.repeat', { repeats: 'new', idOf: () => `id-${Math.random()}` }, { version: '1' }),
  fails('idempotency.at-once', { repeats: 'racing', pauseMs: { ...slow, POST: 500 } }),
]

const plans: Breakage[] = [
  fails(
    'plan.same',
    { knowsIds: false, idOf: (uuid) => `own-${uuid.slice(0, 8)}` },
    { edit: ({ api }) => void delete api.version, limits: { cleanupMs: 50 } },
  ),
  fails('plan.same', { changed: ({ plan }, wanted) => ({ status: plan === wanted ? 500 : 200 }) }),
  fails('plan.same', {
    changed: () => ({ status: 200, body: { config: { FAST_DB_URL: 'fast://elsewhere.example.com' } } }),
  }),
  fails('plan.change', { changed: () => ({ status: 500 }) }),
  warns('plan.change', { changed: () => ({ status: 422, body: { message: 'Not possible.' } }) }),
  fails('plan.repeat', { changed: ({ plan }) => ({ status: plan === 'big' ? 409 : 200 }) }),
  fails('plan.config', { changed: () => ({ status: 200, body: { config: { OTHER: 'x' } } }) }),
  fails('plan.refusal', { refuses: (body) => (isUnknownPlan(body) ? { status: 400 } : null) }),
  warns('plan.refusal', { refuses: () => null }),
  fails('plan.unknown-id', { missing: { ...soundHabits.missing, PUT: { status: 500 } } }),
  fails('plan.unknown-id', { missing: { ...soundHabits.missing, PUT: { status: 200 } } }),
  warns('plan.time', { pauseMs: { ...slow, PUT: 120 } }, { limits: { slowMs: 100 } }),
]

/** Calls back, then says it is ready, when and how the given function wants. */
const calling = (path: string, method: string, body?: unknown): Partial<Habits> => ({
  behind: async (_, asked) => void (await (await trade(asked)).call(method, path, body)),
})
const later: Partial<Habits> = { provisioned: ({ id }) => ({ status: 202, body: { id } }) }

const callbacks: Breakage[] = [
  fails('callbacks.completion', later),
  fails('callbacks.completion', { ...later, ...calling('/actions/deprovision', 'POST') }),
  fails('callbacks.grant', { behind: async (_, asked) => void (await trade(asked, { code: 'another' })) }),
  fails('callbacks.grant', { behind: async (_, asked) => void (await trade(asked, { client_secret: '' })) }),
  fails('callbacks.token', { behind: async (_, { callback_url }) => void (await fetch(`${callback_url}`)) }),
  fails('callbacks.config', calling('/config', 'PATCH', { config: [{ name: 'OTHER', value: 'x' }] })),
  fails('callbacks.config', calling('/config', 'PATCH', { config: [{ name: 'FAST_DB_URL', value: 5 }] })),
  warns('callbacks.early', { before: async (asked) => void (await (await trade(asked)).call('GET', '')) }),
  warns('callbacks.known', calling('/invoices', 'GET')),
]

const all = ['token', 'resource_token', 'user_scoped_resource_token'] as const
const page = (text: string): Partial<Habits> => ({ page: { status: 200, text } })
const headless = page('<body><h1>Fast DB</h1></body>')
const formKeys = [...all, ...'id resource_id timestamp nav-data user_id email app context_app'.split(' ')]

const signOn: Breakage[] = [
  fails('sso.login', { salts: ['other'] }),
  fails('sso.login', { page: { status: 500, text: 'Oops' } }),
  warns('sso.tokens', { checked: ['resource_token', 'token'] }),
  fails(
    'sso.tokens',
    { checked: ['token'] },
    { edit: (manifest) => Object.assign(manifest.api, { sso: 'user_scoped' }) },
  ),
  warns('sso.fresh-enough', { freshSeconds: 40 }),
  fails('sso.extra-keys', { keys: formKeys }),
  warns('sso.nav-cookie', { cookies: () => [] }),
  fails('sso.nav-cookie', { cookies: () => [] }, { version: '1' }),
  fails('sso.nav-cookie', { cookies: () => ['heroku-nav-data=other; Path=/'] }, { version: '1' }),
  warns('sso.nav-cookie', { cookies: (form) => [`heroku-nav-data=${form['nav-data']}; Path=/; HttpOnly`] }),
  warns('sso.nav-header', headless),
  fails('sso.nav-header', headless, { version: '1' }),
  warns('sso.no-account-items', page('<div id="heroku-header"></div><a href="/out">Log out</a>')),
  fails('sso.forged', { believed: all }),
  fails('sso.forged', { forbidden: 401 }),
  fails('sso.wrong-salt', { salts: [salt, `not-${salt}`] }),
  fails('sso.token', { believed: ['token'] }),
  fails('sso.resource-token', { believed: ['resource_token'] }),
  fails('sso.user-scoped-token', { believed: ['user_scoped_resource_token'] }),
  fails('sso.stale', { freshSeconds: 3_600 }),
  warns('sso.future', { aheadSeconds: 7_200 }),
  warns('sso.replay', { isOnce: false }),
  warns('sso.edited-person', { checked: ['resource_token', 'token'] }),
  fails(
    'sso.edited-person',
    { believed: all },
    { edit: (manifest) => Object.assign(manifest.api, { sso: 'user_scoped' }) },
  ),
  fails('sso.other-resource', { believed: all }),
  fails('sso.unknown-id', { unknown: { status: 500 } }),
  warns('sso.unknown-id', { unknown: { status: 403 } }),
  warns('sso.time', { pauseMs: { ...slow, SSO: 120 } }, { limits: { slowMs: 100 } }),
]

const removals: Breakage[] = [
  fails('deprovision.answer', { removed: () => ({ status: 500 }) }),
  fails('deprovision.answer', { removed: () => ({ status: 410 }) }),
  warns('deprovision.accept', { removed: (_, { accept }) => ({ status: accept === '*/*' ? 204 : 406 }) }),
  fails('deprovision.completion', { removed: () => ({ status: 202 }) }),
  warns('deprovision.time', { pauseMs: { ...slow, DELETE: 120 } }, { limits: { slowMs: 100 } }),
]

/** A job that reports its resource as ready when that was removed already. */
async function reportAnyway({ uuid }: Resource, asked: Record<string, unknown>, provider: BrokenProvider) {
  const platform = await trade(asked)
  await provider.untilRemovalOf(uuid)
  await platform.call('POST', '/actions/provision')
}

/**
 * The first resource is made in peace. The job of the next one goes on after its removal, and reports until the platform
 * stops listening: a single report could come before the removal's answer was read, which is nobody's fault.
 */
async function goOn(resource: Resource, asked: Record<string, unknown>, provider: BrokenProvider): Promise<void> {
  const platform = await trade(asked)
  const isFirst = provider.asked[0]?.uuid === resource.uuid
  await (isFirst ? pause(300) : provider.untilRemovalOf(resource.uuid))
  const reported = async () => (await platform.call('POST', '/actions/provision')).status
  if (isFirst) return void (await reported())
  for (let reports = 0; reports < 20; reports++) {
    await reported()
    await pause(20)
  }
}

const afterwards: Breakage[] = [
  fails('after.repeat', { missing: { ...soundHabits.missing, DELETE: { status: 500 } } }),
  warns('after.repeat', { missing: { ...soundHabits.missing, DELETE: { status: 404 } } }),
  fails('after.unlisted', { forgets: false }, lists),
  fails('after.provision', { buried: null }),
  warns('after.provision', { buried: { status: 422, body: { message: 'No.' } } }),
  fails('after.plan', { forgets: false }),
  fails('after.sso', { forgets: false }),
  fails('after.unknown-id', { missing: { ...soundHabits.missing, DELETE: { status: 500 } } }),
  warns('after.reordered', { isPatient: false }),
  fails('after.crossing', {
    isPatient: false,
    // Only the first one is made by the clock. The next is under way until its removal was answered, however slow that is.
    before: ({ uuid }, provider) => (provider.asked[0]?.uuid === uuid ? pause(80) : provider.untilRemovalOf(`${uuid}`)),
  }),
  fails('after.crossing', { ...later, behind: goOn }, { limits: { asyncMs: 8_000 } }),
  fails('after.calls', { behind: reportAnyway }),
  fails(
    'after.clean',
    { removed: () => ({ status: 422, body: { message: 'Not now.' } }) },
    { limits: { cleanupMs: 50 } },
  ),
]

/** At least one for each check of a running provider. */
export const breakages: readonly Breakage[] = [
  ...openDoors,
  ...provision,
  ...repeats,
  ...plans,
  ...callbacks,
  ...signOn,
  ...removals,
  ...afterwards,
]
