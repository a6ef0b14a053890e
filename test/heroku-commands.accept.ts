import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { selfSigned } from '@mortise/certificates/certificate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { deploy, released } from './deploy.js'
import { type HerokuCli, herokuCli, manifestFor, type Seen } from './heroku-cli.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'
import { ask } from './server-process.js'

// The commands of the wire table that the other two stories do not run, one after the other: each changes something,
// and the server is asked whether it did.

let house: ClientHouse
let heroku: HerokuCli
let liar: LyingProvider
let ear: http.Server
const heard: { body: string; headers: http.IncomingHttpHeaders }[] = []
const api = (method: string, address: string, body?: unknown) => house.api(method, address, body)
const liarPassword = 'liar-password-0123456789'

beforeAll(async () => {
  const program = process.env['MORTISE_HEROKU_CLI']
  if (!program) throw new Error('MORTISE_HEROKU_CLI is not set. Run bin/test-clients, which installs the CLI.')
  house = await clientHouse('heroku-commands')
  heroku = herokuCli(program, path.join(house.dir, 'home'), house.url, house.apiKey)
  liar = await lyingProvider(liarPassword, 'story-db')
  liar.config = { STORY_DB_URL: 'fast://user:secret-value@127.0.0.1/story' }
  await api('POST', '/api/v3/addons/story-db/manifests', { contents: manifestFor('story-db', liar, liarPassword) })
  for (const name of ['story', 'guest', 'mine']) expect((await api('POST', '/apps', { name })).status).toBe(201)
  await deploy(house.port, house.headers, 'story', house.dir, {
    Procfile: 'web: node server.js\nworker: node worker.js\nrelease: echo releasing $GREETING\n',
    'server.js': "require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)",
    'worker.js': 'setInterval(() => {}, 1000)',
  })
  // Somebody else, who is invited as the operator invites people.
  const { body: invite } = await api('POST', '/invites', { email: 'mate@example.com' })
  const form = 'password=mates-own-password&again=mates-own-password'
  const accept = { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  expect((await ask(house.port, 'POST', new URL(invite.url).pathname, accept)).status).toBe(303)
  ear = http.createServer((request, reply) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part) => (body += part))
    request.on('end', () => {
      heard.push({ body, headers: request.headers })
      reply.end()
    })
  })
  await new Promise<void>((done) => ear.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  ear?.close()
  await liar?.stop()
  await house.stop()
  // Each answer that a client got was of the shape that the API publishes.
  expect([...house.wire.faults]).toEqual([])
})

function ok(seen: Seen): string {
  expect(seen.code, seen.text).toBe(0)
  return seen.text
}
function refused(seen: Seen, id: string): string {
  expect(seen.code, seen.text).not.toBe(0)
  expect(seen.text).toContain(`Error ID: ${id}`)
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

describe.concurrent('who one is', () => {
  test('login through the browser, whoami, token and logout, with what the CLI keeps by itself', async () => {
    const other = herokuCli(
      process.env['MORTISE_HEROKU_CLI'] as string,
      path.join(house.dir, 'signed-out'),
      house.url,
      '',
    )
    expect((await other('auth:whoami')).code).toBe(100)
    // The person: signs in on our page, opens the address that the terminal printed, and approves.
    const signIn = await ask(house.port, 'POST', '/web/session', {
      body: { email: house.email, password: house.password },
      headers: { 'x-mortise-web': '1' },
    })
    expect(signIn.status).toBe(201)
    const cookie = String(signIn.headers['set-cookie']).split(';')[0] ?? ''
    const login = other.typing([[/Press any key/, 'b']], 'auth:login')
    const begun = await until('the CLI asked for a login', async () => {
      const { body } = await lookFor('cli_url')
      return body
    })
    const page = await ask(house.port, 'GET', begun.browser_url, { headers: { cookie } })
    expect(page.body).toContain('asks to act as')
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const decision = await ask(house.port, 'POST', begun.browser_url, {
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: `csrf=${encodeURIComponent(csrf)}&decision=approve`,
    })
    expect(decision.body).toContain('Signed in')
    expect(ok(await login)).toContain(`Logged in as ${house.email}`)
    expect((await other('auth:whoami')).out.trim()).toBe(house.email)
    const token = (await other('auth:token')).out.trim()
    const bearer = { authorization: `Bearer ${token}` }
    expect((await ask(house.port, 'GET', '/account', { headers: bearer })).body.email).toBe(house.email)
    expect(ok(await other('auth:logout'))).toContain('Logging out... done')
    expect((await ask(house.port, 'GET', '/account', { headers: bearer })).status).toBe(401)
  })

  /** What the wire last saw of a login that began: the CLI itself tells its address to a browser only. */
  async function lookFor(field: string) {
    const last = house.wire.logins.at(-1)
    return { body: last && field in last ? last : undefined }
  }

  test('login with e-mail and password, typed at a terminal; a wrong password lets nobody in', async () => {
    const other = herokuCli(process.env['MORTISE_HEROKU_CLI'] as string, path.join(house.dir, 'typing'), house.url, '')
    const type = (password: string) =>
      other.typing(
        [
          [/Email/, `${house.email}\r`],
          [/Password/, `${password}\r`],
        ],
        'auth:login',
        '-i',
      )
    expect((await type('not-the-password')).code).not.toBe(0)
    expect((await other('auth:whoami')).code).toBe(100)
    expect(ok(await type(house.password))).toContain(`Logged in as ${house.email}`)
    expect((await other('auth:whoami')).out.trim()).toBe(house.email)
  })

  test('authorizations are created, shown, changed, rotated and revoked', async () => {
    const made = JSON.parse(
      (await heroku('authorizations:create', '-d', 'for the story', '-e', '3600', '-s', 'read,identity', '--json')).out,
    )
    expect(made).toMatchObject({ description: 'for the story', scope: ['read', 'identity'] })
    const { token } = made.access_token
    expect((await heroku.as(token, 'auth:whoami')).out.trim()).toBe(house.email)
    expect(refused(await heroku.as(token, 'maintenance:on', '-a', 'mine'), 'forbidden')).toContain('scope')
    expect(ok(await heroku('authorizations'))).toContain('for the story')
    expect(ok(await heroku('authorizations:info', made.id))).toMatch(/Scope: read,\s*identity/)
    ok(await heroku('authorizations:update', made.id, '-d', 'renamed'))
    ok(await heroku('authorizations:rotate', made.id))
    expect((await heroku.as(token, 'auth:whoami')).code).not.toBe(0)
    expect((await api('GET', `/oauth/authorizations/${made.id}`)).body.description).toBe('renamed')
    ok(await heroku('authorizations:revoke', made.id))
    expect((await api('GET', `/oauth/authorizations/${made.id}`)).status).toBe(404)
  })

  test('OAuth clients are created, shown, changed, rotated and destroyed; sessions and keys are listed', async () => {
    const made = JSON.parse((await heroku('clients:create', 'Amazing', 'https://a.example/back', '--json')).out)
    expect(ok(await heroku('clients'))).toContain('Amazing')
    expect(ok(await heroku('clients:info', made.id))).toContain('https://a.example/back')
    ok(await heroku('clients:update', made.id, '-n', 'Better'))
    expect((await api('GET', `/oauth/clients/${made.id}`)).body.name).toBe('Better')
    ok(await heroku('clients:rotate', made.id))
    ok(await heroku('clients:destroy', made.id))
    expect((await api('GET', `/oauth/clients/${made.id}`)).status).toBe(404)
    expect((await heroku('sessions')).code).toBe(0)
    expect(refused(await heroku('sessions:destroy', made.id), 'not_found')).toContain('session')
    expect(ok(await heroku('keys'))).toContain('no SSH keys')
  })
})

describe.concurrent('an app', () => {
  test('is put into maintenance, which the router answers, and out of it', async () => {
    const visit = () => ask(house.port, 'GET', '/', { headers: { host: 'story.localhost' } })
    expect(ok(await heroku('maintenance', '-a', 'story'))).toBe('off')
    ok(await heroku('maintenance:on', '-a', 'story'))
    await until('the router knows', async () => (await visit()).status === 503)
    expect(ok(await heroku('maintenance', '-a', 'story'))).toBe('on')
    ok(await heroku('maintenance:off', '-a', 'story'))
    await until('the router knows', async () => (await visit()).body === 'ok')
  })

  test('has no features and no labs, and says so', async () => {
    ok(await heroku('features', '-a', 'story'))
    expect(refused(await heroku('features:enable', 'nothing', '-a', 'story'), 'not_found')).toContain('feature')
    ok(await heroku('labs', '-a', 'story'))
  })

  test('is diffed with another, and shown in every form', async () => {
    ok(await heroku('apps:diff', '-a', 'story', '--help'))
    expect(ok(await heroku('apps:info', '-a', 'story', '-s'))).toContain('web_url=')
    expect(JSON.parse((await heroku('apps:info', '-a', 'story', '-j')).out).app.generation.name).toBe('cedar')
    ok(await heroku('apps:info', '-a', 'story', '-x'))
  })

  test('is shared by access and given away by transfer, which the other accepts', async () => {
    expect(ok(await heroku('access:add', 'mate@example.com', '-a', 'mine'))).toContain('Adding mate@example.com')
    expect(ok(await heroku('access', '-a', 'mine'))).toMatch(/mate@example\.com collaborator/)
    ok(await heroku('access:remove', 'mate@example.com', '-a', 'mine'))
    expect((await api('GET', '/apps/mine/collaborators')).body).toHaveLength(1)

    expect(ok(await heroku('apps:transfer', 'mate@example.com', '-a', 'mine'))).toContain('email sent')
    const basic = `Basic ${Buffer.from('mate@example.com:mates-own-password').toString('base64')}`
    const { body } = await ask(house.port, 'POST', '/oauth/authorizations', { headers: { authorization: basic } })
    const mate = { ...house.headers, authorization: `Bearer ${body.access_token.token}` }
    const [transfer] = (await ask(house.port, 'GET', '/account/app-transfers', { headers: mate })).body
    const accept = { headers: mate, body: { state: 'accepted' } }
    expect((await ask(house.port, 'PATCH', `/account/app-transfers/${transfer.id}`, accept)).status).toBe(200)
    expect((await ask(house.port, 'GET', '/apps/mine', { headers: mate })).body.owner.email).toBe('mate@example.com')
  })

  test('of a team is made, joined, locked and unlocked', async () => {
    await api('POST', '/teams', { name: 'crew' })
    expect(ok(await heroku('teams'))).toContain('crew')
    ok(await heroku('apps:create', 'crew-app', '-t', 'crew'))
    expect(ok(await heroku('apps', '-t', 'crew'))).toContain('crew-app')
    ok(await heroku('apps:lock', '-a', 'crew-app'))
    expect((await api('GET', '/teams/apps/crew-app')).body.locked).toBe(true)
    ok(await heroku('apps:unlock', '-a', 'crew-app'))
    expect(ok(await heroku('members', '-t', 'crew'))).toContain(house.email)
    expect(ok(await heroku('access:add', 'mate@example.com', '-a', 'crew-app', '-p', 'deploy'))).toContain('done')
    ok(await heroku('access:update', 'mate@example.com', '-a', 'crew-app', '-p', 'deploy,operate'))
    expect(ok(await heroku('access', '-a', 'crew-app'))).toMatch(/mate@example\.com .*deploy, operate/)
  })
})

describe.concurrent('domains and certificates', () => {
  test('a domain is added, served, shown, waited for and removed', async () => {
    const added = ok(await heroku('domains:add', 'www.story.example', '-a', 'story'))
    expect(added).toContain('DNS Target story.localhost')
    expect(ok(await heroku('domains:wait', 'www.story.example', '-a', 'story'))).toBeDefined()
    const visit = () => ask(house.port, 'GET', '/', { headers: { host: 'www.story.example' } })
    await until('it is served', async () => (await visit()).status !== 404)
    expect(ok(await heroku('domains', '-a', 'story'))).toMatch(/www\.story\.example .*story\.localhost/)
    expect(ok(await heroku('domains:info', 'www.story.example', '-a', 'story'))).toContain('succeeded')

    const pair = selfSigned(['www.story.example'], new Date(), new Date(Date.now() + 90 * 86_400_000))
    const files = ['story.crt', 'story.key'].map((file) => path.join(house.dir, file)) as [string, string]
    writeFileSync(files[0], pair.certificate)
    writeFileSync(files[1], pair.key)
    // It would ask which domains it is for; nobody is there to answer, so the domain is told by itself.
    await heroku('certs:add', ...files, '-a', 'story')
    const [endpoint] = (await api('GET', '/apps/story/sni-endpoints')).body
    expect(endpoint.ssl_cert.cert_domains).toEqual(['www.story.example'])
    ok(await heroku('domains:update', 'www.story.example', '--cert', endpoint.name, '-a', 'story'))
    expect(ok(await heroku('certs', '-a', 'story'))).toContain(endpoint.name)
    expect(ok(await heroku('certs:info', '-a', 'story'))).toContain('SSL certificate is self signed')
    ok(await heroku('certs:auto', '-a', 'story'))
    expect(refused(await heroku('certs:auto:enable', '-a', 'story'), 'invalid_params')).toContain('certs:add')
    ok(await heroku('certs:remove', '-a', 'story', '--confirm', 'story'))
    ok(await heroku('domains:remove', 'www.story.example', '-a', 'story'))
    expect((await api('GET', '/apps/story/domains')).body).toHaveLength(1)
    expect(refused(await heroku('domains:add', 'x.localhost', '-a', 'story'), 'invalid_params')).toContain('platform')
  })
})

describe.concurrent('releases and dynos', () => {
  test('a release is retried, its output read, and a type changes its size and stops', async () => {
    const app = ['-a', 'story']
    expect(ok(await heroku('ps:type', ...app))).toMatch(/web .*worker /)
    ok(await heroku('ps:type', 'worker=standard-2x', ...app))
    expect((await api('GET', '/apps/story/formation/worker')).body.size).toBe('Standard-2X')
    ok(await heroku('ps:stop', '--process-type', 'worker', ...app))
    const before = (await api('GET', '/apps/story/releases')).body.length
    expect(ok(await heroku('releases:retry', ...app))).toMatch(/done, v\d+/)
    expect((await api('GET', '/apps/story/releases')).body.length).toBe(before + 1)
    await released(house.port, house.headers, 'story')
    expect(ok(await heroku('releases:output', ...app))).toContain('releasing')
    ok(await heroku('ps:wait', ...app))
  })
})

describe.concurrent('add-ons', () => {
  test('waited for, documented, attached by credential, and their usage asked for', async () => {
    expect(ok(await heroku('addons:create', 'story-db', '-a', 'guest', '--name', 'guest-db'))).toContain('guest-db')
    ok(await heroku('addons:wait', 'guest-db', '-a', 'guest'))
    expect((await heroku('addons:docs', 'story-db', '--show-url')).out).toContain('/story-db')
    expect(JSON.parse((await heroku('addons', '-a', 'guest', '--json')).out)).toHaveLength(1)
    expect(JSON.parse((await heroku('addons:services', '--json')).out)[0]).toMatchObject({ name: 'story-db' })
    expect(JSON.parse((await heroku('addons:plans', 'story-db', '--json')).out)).toHaveLength(2)
    const unknown = await heroku('addons:attach', 'guest-db', '-a', 'story', '--credential', 'nobody')
    expect(unknown.code, unknown.text).not.toBe(0)
    expect((await api('GET', '/apps/story/addon-attachments')).body).toEqual([])
    ok(await heroku('addons:downgrade', 'guest-db', 'story-db:large', '-a', 'guest'))
    expect([...liar.resources.values()]).toContain('large')
  })
})

describe.concurrent('webhooks', () => {
  test('added with a secret, shown, changed, delivered, looked at and removed', async () => {
    const app = ['-a', 'guest']
    const url = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/hook`
    const added = ok(await heroku('webhooks:add', '-i', 'api:app,api:release', '-l', 'notify', '-u', url, ...app))
    expect(added).toContain('Webhooks Signing Secret')
    const [hook] = (await api('GET', '/apps/guest/webhooks')).body
    expect(ok(await heroku('webhooks', ...app))).toContain(hook.id)
    expect(ok(await heroku('webhooks:info', hook.id, ...app))).toContain(url)
    ok(await heroku('webhooks:update', hook.id, '-i', 'api:release', '-l', 'sync', '-u', url, ...app))
    expect((await api('GET', `/apps/guest/webhooks/${hook.id}`)).body).toMatchObject({ level: 'sync' })
    ok(await heroku('config:set', 'HEARD=1', ...app))
    await until('the hook was heard', async () => heard.some(({ body }) => body.includes('"resource":"release"')))
    const [delivery] = await until('the delivery is over', async () => {
      const { body } = await api('GET', '/apps/guest/webhook-deliveries')
      return body.length && body.every((one: { status: string }) => one.status === 'succeeded') && body
    })
    expect(ok(await heroku('webhooks:deliveries', ...app))).toContain(delivery.id)
    ok(await heroku('webhooks:deliveries', '-s', 'failed', ...app))
    expect(ok(await heroku('webhooks:deliveries:info', delivery.id, ...app))).toContain('succeeded')
    expect(ok(await heroku('webhooks:events', ...app))).toContain(delivery.event.id)
    ok(await heroku('webhooks:events:info', delivery.event.id, ...app))
    ok(await heroku('webhooks:remove', hook.id, ...app))
    expect((await api('GET', '/apps/guest/webhooks')).body).toEqual([])
  })
})

test('the portal answers what addons:admin asks', async () => {
  const portal = (method: string, address: string, body?: unknown) =>
    ask(house.port, method, address, { headers: { ...house.headers, accept: 'application/json' }, body })
  const contents = manifestFor('portal-db', liar, liarPassword)
  const pushed = await portal('POST', '/api/v3/addons/portal-db/manifests', { contents })
  expect(pushed.body).toMatchObject({ contents: { id: 'portal-db' }, client_secret: expect.any(String) })
  const list = await portal('GET', '/api/v3/addons/portal-db/manifests')
  expect(list.body).toEqual([{ id: expect.any(String), created_at: expect.any(String) }])
  for (const last of ['current_manifest', `manifests/${list.body[0].id}`]) {
    expect((await portal('GET', `/api/v3/addons/portal-db/${last}`)).body.contents.id).toBe('portal-db')
  }
  expect((await portal('GET', '/api/v3/addons/none/current_manifest')).body.error).toBeDefined()
  const broken = await portal('POST', '/api/v3/addons/portal-db/manifests', { contents: { id: 'portal-db' } })
  expect([broken.status, broken.body]).toEqual([422, { error: { base: expect.any(Array) } }])
})

test('curl speaks to it as well: basic auth, HEAD, gzip on request, 304', async () => {
  const curl = async (...args: string[]) => (await promisify(execFile)('curl', ['-s', ...args])).stdout
  const account = `${house.url}/account`
  expect(JSON.parse(await curl('-u', `:${house.apiKey}`, account)).email).toBe(house.email)
  expect(
    JSON.parse(await curl('-u', `me:${house.apiKey}`, '--compressed', `${house.url}/apps`)).length,
  ).toBeGreaterThan(0)
  const head = await curl('-I', '-u', `:${house.apiKey}`, account)
  const tag = /^etag: (.*)$/im.exec(head)?.[1]?.trim() ?? ''
  const again = await curl(
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '-u',
    `:${house.apiKey}`,
    '-H',
    `If-None-Match: ${tag}`,
    account,
  )
  expect(again).toBe('304')
  expect(readFileSync(path.join(house.dataDir, 'ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE')
})
