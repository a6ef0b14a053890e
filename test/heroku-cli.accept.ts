import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { finishProvision, type HerokuCli, herokuCli, manifestFor, prefixOf, type Seen } from './heroku-cli.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'
import { ask } from './server-process.js'

// The unmodified heroku CLI, the real platform, the real provider, and one that lies. Each test is a story of its own
// on apps of its own, so that some can go on side by side.

const root = fileURLToPath(new URL('..', import.meta.url))
const liars: LyingProvider[] = []
let house: ClientHouse
let heroku: HerokuCli
let port: number
let dir: string
let apiKey: string

beforeAll(async () => {
  const program = process.env['MORTISE_HEROKU_CLI']
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-clients, which installs the CLI.')
  house = await clientHouse('heroku-cli', true)
  port = house.port
  dir = house.dir
  apiKey = house.apiKey
  heroku = herokuCli(program, path.join(dir, 'home'), house.url, apiKey)
})

afterAll(async () => {
  await house.stop()
  for (const liar of liars) await liar.stop()
  expect([...house.wire.faults]).toEqual([])
})

const api = (method: string, address: string, body?: unknown) => house.api(method, address, body)

/** An app to tell a story on. */
async function makeApp(name: string): Promise<string> {
  expect((await api('POST', '/apps', { name })).status).toBe(201)
  return name
}

/** A service of a provider that may lie, and the secret with which it trades grants. */
async function pushLiar(slug: string): Promise<{ liar: LyingProvider; clientSecret: string }> {
  const password = 'liar-password-0123456789'
  const liar = await lyingProvider(password, slug)
  liars.push(liar)
  liar.config = { [`${prefixOf(slug)}_URL`]: `fast://user:secret-value@127.0.0.1/${slug}` }
  const contents = manifestFor(slug, liar, password)
  const pushed = await api('POST', `/api/v3/addons/${slug}/manifests`, { contents })
  expect(pushed.body).toMatchObject({ client_secret: expect.any(String) })
  return { liar, clientSecret: pushed.body.client_secret }
}

async function makeAddon(app: string, plan: string, more: object = {}): Promise<string> {
  const made = await api('POST', `/apps/${app}/addons`, { plan, ...more })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  return made.body.name
}

const addonsOf = async (app: string): Promise<{ name: string; state: string; plan: { name: string } }[]> =>
  (await api('GET', `/apps/${app}/addons`)).body
const configOf = async (app: string) => (await api('GET', `/apps/${app}/config-vars`)).body

function ok(seen: Seen): string {
  expect(seen.code, seen.text).toBe(0)
  return seen.text
}

/** A refusal that a person can read: the sentence, our id, and neither a stack nor a page. */
function refused(seen: Seen, id: string): string {
  expect(seen.code, seen.text).toBe(2)
  expect(seen.text).toContain(`Error ID: ${id}`)
  expect(seen.text).not.toMatch(/<html|\bat \S+\.js:\d+/)
  return seen.text
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const found = await look()
    if (found) return found
    await new Promise((done) => setTimeout(done, 200))
  }
  throw new Error(`it did not come true that ${what}`)
}

describe.concurrent('apps', () => {
  test('an app is created, shown, renamed and destroyed', async () => {
    const created = ok(await heroku('apps:create', 'story-apps', '--region', 'eu'))
    expect(created).toContain('Creating story-apps... done, region is eu')
    expect(created).toContain(`http://story-apps.localhost:${port}/`)
    expect(ok(await heroku('apps'))).toContain('story-apps')
    const info = ok(await heroku('apps:info', '-a', 'story-apps'))
    expect(info).toMatch(/=== story-apps .*Owner: operator@example.com Region: eu .*Stack: mortise-24/)
    const json = JSON.parse((await heroku('apps:info', '-a', 'story-apps', '--json')).out)
    expect(json.app).toMatchObject({ name: 'story-apps', owner: { email: 'operator@example.com' } })
    expect(json).toMatchObject({ addons: [], dynos: [], pipeline_coupling: null })
    expect(ok(await heroku('apps:rename', 'story-renamed', '-a', 'story-apps'))).toContain(
      'Renaming story-apps to story-renamed... done',
    )
    expect(refused(await heroku('apps:info', '-a', 'story-apps'), 'not_found')).toContain("Couldn't find that app.")
    const spared = await heroku('apps:destroy', '-a', 'story-renamed', '--confirm', 'another')
    expect(spared.code).not.toBe(0)
    expect((await api('GET', '/apps/story-renamed')).status).toBe(200)
    expect(ok(await heroku('apps:destroy', '-a', 'story-renamed', '--confirm', 'story-renamed'))).toContain('done')
    expect((await api('GET', '/apps/story-renamed')).status).toBe(404)
  })

  test('an app without a name gets one, and a name in use is refused', async () => {
    const created = ok(await heroku('apps:create'))
    const name = /Creating app\.\.\. done, (?:\S )?([a-z]+-[a-z]+-\d+)/.exec(created)?.[1]
    expect(name, created).toBeTruthy()
    expect(refused(await heroku('apps:create', String(name)), 'invalid_params')).toContain('is already taken')
  })

  test('an app is created together with its add-on', async () => {
    expect(ok(await heroku('apps:create', 'story-with', '--addons', 'mortise-postgresql:mini'))).toContain('done')
    expect((await configOf('story-with')).DATABASE_URL).toMatch(/^postgres:\/\//)
  })

  test('regions, stacks, domains, access and who one is are shown', async () => {
    await makeApp('story-place')
    expect(ok(await heroku('regions'))).toMatch(/eu Europe .*us United States/)
    expect(ok(await heroku('apps:stacks', '-a', 'story-place'))).toContain('* mortise-24')
    expect(ok(await heroku('domains', '-a', 'story-place'))).toContain('story-place.localhost')
    expect(ok(await heroku('access', '-a', 'story-place'))).toMatch(/operator@example.com owner deploy, manage/)
    expect((await heroku('auth:whoami')).out.trim()).toBe('operator@example.com')
    expect((await heroku('auth:token')).out.trim()).toBe(apiKey)
  })

  test('a wrong token gets a sentence and changes nothing', async () => {
    const seen = await heroku.as('wrong', 'apps')
    expect(seen.code).toBe(1)
    expect(seen.text).toContain('The token provided to HEROKU_API_KEY is invalid')
    expect((await heroku.as('undefined', 'apps:create', 'story-wrong')).code).not.toBe(0)
    expect((await api('GET', '/apps/story-wrong')).status).toBe(404)
  })

  test('what is not there is an empty list', async () => {
    expect(ok(await heroku('pipelines'))).toContain('My Pipelines')
    expect((await heroku('spaces')).text).toContain('You do not have access to any spaces')
  })
})

describe.concurrent('config and releases', () => {
  test('config vars are set, shown and taken away, each with a release', async () => {
    await makeApp('story-config')
    const app = ['-a', 'story-config']
    const set = ok(await heroku('config:set', 'GREETING=hello there', 'EMPTY=', ...app))
    expect(set).toContain('Setting GREETING, EMPTY and restarting story-config... done, v2')
    expect((await heroku('config:get', 'GREETING', ...app)).out).toBe('hello there\n')
    expect(JSON.parse((await heroku('config', '--json', ...app)).out)).toEqual({ GREETING: 'hello there', EMPTY: '' })
    expect(ok(await heroku('config:unset', 'EMPTY', ...app))).toContain('done, v3')
    expect(await configOf('story-config')).toEqual({ GREETING: 'hello there' })
    const releases = ok(await heroku('releases', ...app))
    expect(releases).toMatch(/Current: v3 .*v3 Remove EMPTY config vars .*v2 Set GREETING, EMPTY .*v1 Initial release/)
    const info = ok(await heroku('releases:info', 'v2', ...app))
    expect(info).toMatch(/Release v2 .*By: operator@example.com Change: Set GREETING, EMPTY .*GREETING: hello there/)
    expect(refused(await heroku('releases:info', 'v99', ...app), 'not_found')).toContain('release')
  })

  test('a value that an add-on gives can not be overwritten', async () => {
    await makeApp('story-taken')
    await makeAddon('story-taken', 'mortise-postgresql:mini')
    const before = await configOf('story-taken')
    const seen = await heroku('config:set', 'DATABASE_URL=mine', '-a', 'story-taken')
    expect(refused(seen, 'invalid_params')).toContain('Cannot overwrite attachment values DATABASE_URL.')
    const unset = await api('PATCH', '/apps/story-taken/config-vars', { DATABASE_URL: null })
    expect(unset).toMatchObject({ status: 422, body: { message: 'Cannot overwrite attachment values DATABASE_URL.' } })
    expect(await configOf('story-taken')).toEqual(before)
  })
})

describe.concurrent('dynos', () => {
  test('a deployed app is scaled, restarted, rolled back and heard', async () => {
    await makeApp('story-dynos')
    await deploy('story-dynos', { GREETING: 'one' })
    const app = ['-a', 'story-dynos']
    const ps = ok(await heroku('ps', ...app))
    expect(ps).toMatch(/=== web \(\S+\): node web.js \(1\) web.1: up .*=== worker \(\S+\): node worker.js \(1\)/)
    const info = ok(await heroku('apps:info', ...app))
    expect(info).toMatch(/Dynos: web: 1, worker: 1/)

    expect(ok(await heroku('ps:scale', 'web=2', ...app))).toMatch(/now running web at 2/)
    await until('two web dynos are up', async () => (await dynosUp('story-dynos')).includes('web.2'))
    expect(ok(await heroku('ps:scale', ...app))).toMatch(/web=2:\S+ worker=1/)
    expect(ok(await heroku('ps:scale', 'web=1', ...app))).toMatch(/now running web at 1/)
    expect(refused(await heroku('ps:scale', 'nothing=1', ...app), 'not_found')).toContain('process type')

    const before = (await api('GET', '/apps/story-dynos/dynos/worker.1')).body.id
    expect(ok(await heroku('ps:restart', ...app))).toContain('Restarting all dynos on story-dynos... done')
    await until('the worker is another', async () => {
      const { status, body } = await api('GET', '/apps/story-dynos/dynos/worker.1')
      return status === 200 && body.state === 'up' && body.id !== before
    })
    expect(ok(await heroku('ps:restart', '--process-type', 'worker', ...app))).toContain('done')
    expect(ok(await heroku('ps:restart', '--dyno-name', 'web.1', ...app))).toContain('done')

    expect(ok(await heroku('config:set', 'GREETING=two', ...app))).toMatch(/done, v\d+/)
    expect(ok(await heroku('rollback', ...app))).toMatch(/Rolling back story-dynos to v\d+\.\.\. done, v\d+/)
    expect((await configOf('story-dynos')).GREETING).toBe('one')
    expect(ok(await heroku('ps:wait', ...app))).toBe('')

    await ask(port, 'GET', '/asked-for', { headers: { host: `story-dynos.localhost:${port}` } })
    expect(ok(await heroku('logs', '-n', '200', ...app))).toMatch(/app\[web\.1\]: the greeting is (one|two)/)
    const tail = await heroku.until(/app\[web\.1\]: asked for \/asked-for/, 'logs', '--tail', '-d', 'web', ...app)
    expect(tail).not.toContain('app[worker.1]')
  })
})

describe.concurrent('the marketplace and a database', () => {
  test('services and plans are listed with their prices', async () => {
    expect(ok(await heroku('addons:services'))).toMatch(/mortise-postgresql Mortise PostgreSQL/)
    const plans = ok(await heroku('addons:plans', 'mortise-postgresql'))
    expect(plans).toMatch(/default mortise-postgresql:mini Mini ~\$0.007\/hour \$5\/month/)
    expect(refused(await heroku('addons:plans', 'nothing'), 'not_found')).toContain('add-on service')
  })

  test('a database is ordered by name and alias, opened, renamed, made larger and destroyed', async () => {
    await makeApp('story-database')
    const app = ['-a', 'story-database']
    const order = ['mortise-postgresql:mini', '--as', 'PRIMARY', '--name', 'story-db', '--wait']
    const created = ok(await heroku('addons:create', ...order, ...app))
    expect(created).toMatch(/Creating mortise-postgresql:mini on story-database... ~\$0.007\/hour \(max \$5\/month\)/)
    expect(created).toContain('Created story-db as PRIMARY_URL')
    expect(await configOf('story-database')).toEqual({ PRIMARY_URL: expect.stringMatching(/^postgres:\/\//) })

    expect(ok(await heroku('addons', ...app))).toMatch(/mortise-postgresql \(story-db\) mini .*created └─ as PRIMARY/)
    expect(ok(await heroku('addons'))).toMatch(/story-database story-db mortise-postgresql:mini/)
    const info = ok(await heroku('addons:info', 'PRIMARY', ...app))
    expect(info).toMatch(/=== story-db .*Attachments: story-database::PRIMARY Owning app: story-database .*created/)

    const url = (await heroku('addons:open', 'PRIMARY', '--show-url', ...app)).out.trim()
    expect(url).toBe(`http://localhost:${port}/sso/apps/story-database/addons/story-db`)

    expect(ok(await heroku('addons:upgrade', 'story-db', 'mortise-postgresql:standard-0', ...app))).toMatch(
      /from mortise-postgresql:mini to mortise-postgresql:standard-0... done, ~\$0.069\/hour/,
    )
    const unknown = await heroku('addons:upgrade', 'story-db', 'mortise-postgresql:nothing', ...app)
    expect(unknown.code).toBe(1)
    expect(unknown.text).toContain('Here are the available plans for mortise-postgresql: mortise-postgresql:mini')
    expect(ok(await heroku('addons:rename', 'story-db', 'their-db'))).toContain('successfully renamed to their-db')

    const spared = await heroku('addons:destroy', 'their-db', '--confirm', 'another', ...app)
    expect(spared.code).not.toBe(0)
    expect(await addonsOf('story-database')).toHaveLength(1)
    expect(ok(await heroku('addons:destroy', 'their-db', '--confirm', 'story-database', ...app))).toContain('done')
    expect(await addonsOf('story-database')).toEqual([])
    expect(await configOf('story-database')).toEqual({})
    expect(refused(await heroku('addons:info', 'their-db'), 'not_found')).toContain("Couldn't find that add-on.")
  })

  test('a database is shared with another app, and both know', async () => {
    await makeApp('story-owner')
    await makeApp('story-guest')
    const name = await makeAddon('story-owner', 'mortise-postgresql:mini', { name: 'story-shared' })
    const guest = ['-a', 'story-guest']
    const attached = ok(await heroku('addons:attach', name, ...guest))
    expect(attached).toContain('Setting DATABASE config vars and restarting story-guest... done, v2')
    expect(ok(await heroku('addons:attach', 'story-owner::DATABASE', '--as', 'SECOND', ...guest))).toContain('done, v3')
    expect((await configOf('story-guest')).SECOND_URL).toBe((await configOf('story-owner')).DATABASE_URL)
    expect(ok(await heroku('addons', ...guest))).toMatch(/\(billed to story-owner app\).*as DATABASE .*as SECOND/)

    const other = await makeAddon('story-guest', 'mortise-postgresql:mini', { name: 'story-other' })
    await heroku('addons:attach', other, '--as', 'SECOND', ...guest)
    expect((await configOf('story-guest')).SECOND_URL).toBe((await configOf('story-owner')).DATABASE_URL)
    expect(ok(await heroku('addons:attach', other, '--as', 'SECOND', '--confirm', 'story-guest', ...guest))).toContain(
      'done',
    )
    expect((await configOf('story-guest')).SECOND_URL).not.toBe((await configOf('story-owner')).DATABASE_URL)

    const kept = await heroku('addons:destroy', name, '--confirm', 'story-owner', '-a', 'story-owner')
    expect(kept.code).toBe(1)
    expect(kept.text).toContain('story-guest')
    expect(ok(await heroku('addons:detach', 'DATABASE', ...guest))).toContain('Unsetting DATABASE config vars')
    expect(refused(await heroku('addons:detach', 'DATABASE', ...guest), 'not_found')).toContain('attachment')
    expect(ok(await heroku('addons:destroy', name, '--confirm', 'story-owner', '-a', 'story-owner'))).toContain('done')
  })

  test('an unknown service, plan or app is named in the refusal', async () => {
    await makeApp('story-unknown')
    const create = (...args: string[]) => heroku('addons:create', ...args)
    const plan = refused(await create('mortise-postgresql:nothing', '-a', 'story-unknown'), 'invalid_params')
    expect(plan).toContain('add-on service or the add-on plan of "mortise-postgresql:nothing"')
    const service = refused(await create('nothing', '-a', 'story-unknown'), 'invalid_params')
    expect(service).toContain('add-on service or the add-on plan of "nothing"')
    expect(refused(await create('mortise-postgresql', '-a', 'no-such-app'), 'not_found')).toContain('find that app')
    expect(await addonsOf('story-unknown')).toEqual([])
  })
})

describe.concurrent('a provider with moods', () => {
  test('options after -- reach the provider', async () => {
    const { liar } = await pushLiar('opt-db')
    await makeApp('story-options')
    const created = ok(
      await heroku(
        'addons:create',
        'opt-db:small',
        '-a',
        'story-options',
        '--',
        '--foo=bar',
        '--flag',
        '--deep',
        'a=b',
      ),
    )
    expect(created).toContain('Made for you.')
    expect(created).toContain('as OPT_DB_URL')
    const question = liar.received.find(({ method }) => method === 'POST')
    expect(question?.body).toMatchObject({ options: { foo: 'bar', flag: 'true', deep: 'a=b' } })
  })

  test('a config var in the way is replaced only when confirmed', async () => {
    const { liar } = await pushLiar('way-db')
    await makeApp('story-way')
    await api('PATCH', '/apps/story-way/config-vars', { WAY_DB_URL: 'mine' })
    const order = ['addons:create', 'way-db:small', '-a', 'story-way']
    // Nobody is there to answer the question: the CLI gives up, and nothing was made.
    const asked = await heroku(...order)
    expect(asked.text).toContain('WAY_DB_URL')
    expect((await heroku(...order, '--confirm', 'another')).code).not.toBe(0)
    expect(await configOf('story-way')).toEqual({ WAY_DB_URL: 'mine' })
    expect(liar.resources.size).toBe(0)
    expect(ok(await heroku(...order, '--confirm', 'story-way'))).toContain('as WAY_DB_URL')
    expect((await configOf('story-way')).WAY_DB_URL).toBe(liar.config['WAY_DB_URL'])
  })

  test('a slow provider is waited for with --wait', async () => {
    const { liar, clientSecret } = await pushLiar('slow-db')
    await makeApp('story-slow')
    liar.lie('POST', { acts: true, status: 202, body: { id: 'slow-1', message: 'Give us a minute.' } })
    const background = ok(await heroku('addons:create', 'slow-db:small', '-a', 'story-slow'))
    expect(background).toMatch(/is being created in the background/)
    const name = (await addonsOf('story-slow'))[0]?.name ?? ''
    expect(ok(await heroku('addons', '-a', 'story-slow'))).toContain('creating')
    const waiting = heroku('addons:wait', name, '-a', 'story-slow', '--wait-interval', '1')
    // Time to see it at least once as it is. When the machine is too busy for that, the outcome is the same.
    await new Promise((done) => setTimeout(done, 6_000))
    const question = liar.received.find(({ method }) => method === 'POST')?.body ?? {}
    const asProvider = await finishProvision(port, clientSecret, question, { SLOW_DB_URL: 'fast://late' })
    ok(await waiting)
    expect(await configOf('story-slow')).toEqual({ SLOW_DB_URL: 'fast://late' })

    liar.lie('DELETE', { acts: true, status: 202, body: {} })
    const destroying = heroku('addons:destroy', name, '--confirm', 'story-slow', '-a', 'story-slow', '--wait')
    await until('the provider was asked', async () => (await addonsOf('story-slow'))[0]?.state === 'deprovisioning')
    const removed = await ask(port, 'POST', `/addons/${question['uuid']}/actions/deprovision`, { headers: asProvider })
    expect(removed.status, JSON.stringify(removed.body)).toBeLessThan(300)
    expect(ok(await destroying)).toContain('done')
    expect((await api('GET', `/addons/${name}`)).status).toBe(404)
  })

  test('a refusal is told in the words of the provider and leaves nothing', async () => {
    const { liar } = await pushLiar('picky-db')
    await makeApp('story-picky')
    liar.lie('POST', { status: 422, body: { message: 'No more room in this region, try eu.' } })
    const seen = await heroku('addons:create', 'picky-db:small', '-a', 'story-picky')
    expect(refused(seen, 'provider_refused')).toContain('No more room in this region, try eu.')
    expect(await addonsOf('story-picky')).toEqual([])
    expect(await configOf('story-picky')).toEqual({})
    expect(liar.resources.size).toBe(0)
  })

  test('a refused change of plan leaves the plan as it was', async () => {
    const { liar } = await pushLiar('stiff-db')
    await makeApp('story-stiff')
    const name = await makeAddon('story-stiff', 'stiff-db:large')
    liar.lie('PUT', { status: 422, body: { message: 'Your data does not fit into that.' } })
    const seen = await heroku('addons:downgrade', name, 'stiff-db:small', '-a', 'story-stiff')
    expect(refused(seen, 'provider_refused')).toContain('Your data does not fit into that.')
    expect((await addonsOf('story-stiff'))[0]?.plan.name).toBe('stiff-db:large')
  })

  test('a provider that is down is told so, with nothing made', async () => {
    const { liar } = await pushLiar('down-db')
    await makeApp('story-down')
    await liar.stop()
    const seen = await heroku('addons:create', 'down-db:small', '-a', 'story-down')
    expect(refused(seen, 'provider_unreachable')).toContain('nothing was created')
    expect(await addonsOf('story-down')).toEqual([])
  })

  test('a provider that hangs up in the middle is asked again, and the order goes on by itself', async () => {
    const { liar } = await pushLiar('drop-db')
    await makeApp('story-drop')
    liar.lie('POST', { acts: true, hangUp: true })
    const seen = ok(await heroku('addons:create', 'drop-db:small', '-a', 'story-drop', '--wait'))
    expect(seen).toMatch(/DROP_DB_URL/)
    expect(liar.resources.size).toBe(1)
  })

  test('destroying an app takes its add-ons from the provider', async () => {
    const { liar } = await pushLiar('last-db')
    await makeApp('story-last')
    await makeAddon('story-last', 'last-db:small')
    await makeAddon('story-last', 'last-db:large')
    expect(liar.resources.size).toBe(2)
    expect(ok(await heroku('apps:destroy', '-a', 'story-last', '--confirm', 'story-last'))).toContain('done')
    expect(liar.resources.size).toBe(0)
  })
})

async function dynosUp(app: string): Promise<string[]> {
  const { body } = await api('GET', `/apps/${app}/dynos`)
  return body.filter((dyno: { state: string }) => dyno.state === 'up').map((dyno: { name: string }) => dyno.name)
}

/** Deploys an app of two processes with our own command: the CLI has none that does without git. */
async function deploy(app: string, config: Record<string, string>): Promise<void> {
  const source = path.join(dir, `source-${app}`)
  mkdirSync(source)
  const web = `require('node:http').createServer((request, answer) => {
    console.log('asked for ' + request.url)
    answer.end('hello')
  }).listen(process.env.PORT, () => console.log('the greeting is ' + process.env.GREETING))`
  writeFileSync(path.join(source, 'package.json'), '{"name":"story","version":"1.0.0","private":true}')
  writeFileSync(path.join(source, 'Procfile'), 'web: node web.js\nworker: node worker.js\n')
  writeFileSync(path.join(source, 'web.js'), web)
  writeFileSync(path.join(source, 'worker.js'), `console.log('worker is up'); setInterval(() => {}, 1000)`)
  const vars = Object.entries(config).map(([name, value]) => `${name}=${value}`)
  for (const args of [
    ['config:set', ...vars],
    ['deploy', source],
  ]) {
    const env = { ...process.env, HOME: dir, MORTISE_HOST: `http://localhost:${port}`, MORTISE_API_KEY: apiKey }
    // Not spawnSync: what it asks goes through the wire in this very process.
    const program = [path.join(root, 'bin/mortise'), ...args, '-a', app]
    await promisify(execFile)(process.execPath, program, { env })
  }
}
