import { randomUUID } from 'node:crypto'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import type { RequestLine } from '../platform/http/server.js'
import { insertGrantToken } from '../platform/partner/grant-store.js'
import { tokenHash } from '../platform/secrets/tokens.js'
import { testHouse } from '../platform/start/test-house.js'
import type { Known } from './fuzz-values.js'
import { lyingProvider } from './lying-provider.js'
import { manifestOf } from './server-process.js'

// A whole platform with two customers who have nothing to do with each other, and secrets planted at both.

const people = ['owner', 'friend', 'viewer', 'stranger', 'victim', 'vendor', 'operator'] as const
export type Fuzzer = 'owner' | 'viewer' | 'stranger' | 'operator' | 'grant' | 'service' | 'nobody'
export const fuzzers: readonly Fuzzer[] = [
  'owner',
  'owner',
  'owner',
  'viewer',
  'stranger',
  'operator',
  'grant',
  'service',
  'nobody',
]

const secret = (what: string) => `planted-${what}-${randomUUID().slice(0, 8)}`
const providerPassword = secret('password-of-the-provider')

export interface Answered {
  status: number
  headers: http.IncomingHttpHeaders
  text: string
  ms: number
}

export interface Asked {
  method: string
  /** As it is written on the wire: percent-encoded, or wrongly so. */
  path: string
  headers: Record<string, string>
  body?: string | Buffer | undefined
  /** Written to a socket as it is, since no HTTP library would send it. */
  isRaw?: boolean
}

export type Scene = Awaited<ReturnType<typeof fuzzScene>>

export async function fuzzScene() {
  const provider = await lyingProvider(providerPassword)
  const lines: RequestLine[] = []
  const house = await testHouse(people, { log: (line) => void lines.push(line) })
  /** Nobody but the victim ever reads these. */
  const theirs: string[] = ['token-of-victim', 'token-of-vendor', providerPassword]
  /** The fuzzers' own, which only answers about config and credentials may hold. */
  const own: string[] = []
  await recordWrites()
  await house.server.listen({ port: 0, host: '127.0.0.1' })
  const port = (house.server.server.address() as AddressInfo).port
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })

  const must = async (...asked: Parameters<typeof house.ask>) => {
    const answer = await house.ask(...asked)
    if (answer.status >= 300) throw new Error(`${asked[1]} ${asked[2]}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  const plant = (list: string[], what: string) => {
    const text = secret(what)
    list.push(text)
    return text
  }

  async function furnish(who: 'owner' | 'victim', app: string, list: string[]) {
    provider.config = { FAST_DB_URL: `fast://user:${plant(list, 'credential')}@127.0.0.1/db` }
    await must(who, 'POST', '/apps', { name: app })
    await must(who, 'PATCH', `/apps/${app}/config-vars`, { OWN_SECRET: plant(list, 'config-value') })
    const options = { option: plant(list, 'option') }
    const addon = await must(who, 'POST', `/apps/${app}/addons`, {
      plan: 'fast-db',
      name: `${app}-db`,
      config: options,
    })
    if (addon.state !== 'provisioned') throw new Error(`the add-on is ${addon.state}`)
    const hook = { include: ['api:release'], level: 'notify', url: `http://127.0.0.1:9/${app}` }
    const { id: webhook } = await must(who, 'POST', `/apps/${app}/webhooks`, {
      ...hook,
      secret: plant(list, 'webhook-secret'),
      authorization: `Bearer ${plant(list, 'webhook-authorization')}`,
    })
    const team = `${app}-team`
    await must(who, 'POST', '/teams', { name: team })
    const teamApp = `${app}-of-team`
    await must(who, 'POST', '/teams/apps', { name: teamApp, team })
    const made = await must(who, 'POST', '/oauth/authorizations', { description: `of ${app}` })
    list.push(made.access_token.token)
    const client = await must(who, 'POST', '/oauth/clients', { name: `of-${app}`, redirect_uri: 'https://a.example/' })
    list.push(client.secret)
    const hostname = `${app}.example.com`
    await must(who, 'POST', `/apps/${app}/domains`, { hostname })
    const drain = await must(who, 'POST', `/apps/${app}/log-drains`, {
      url: `https://user:${plant(list, 'password-of-a-drain')}@a.example/${app}`,
    })
    const slug = await must(who, 'POST', `/apps/${app}/slugs`, { process_types: { web: 'node web.js' } })
    const source = await must(who, 'POST', `/apps/${app}/sources`, {})
    await house.server.inject({
      method: 'PUT',
      url: source.source_blob.put_url.replace(/^https?:..[^/]*/, ''),
      payload: 'no archive, and nothing here unpacks it',
      headers: { 'content-type': 'application/octet-stream' },
    })
    const build = await must(who, 'POST', `/apps/${app}/builds`, { source_blob: { url: source.source_blob.get_url } })
    const friend = { email: 'friend@example.com', role: 'member' }
    await must(who, 'POST', `/teams/${team}/members`, friend)
    await must(who, 'POST', `/apps/${app}/collaborators`, { user: 'friend@example.com' })
    const offer = { app: await must(who, 'POST', '/apps', { name: `${app}-to-give` }), recipient: 'friend@example.com' }
    const transfer = await must(who, 'POST', '/account/app-transfers', { ...offer, app: `${app}-to-give` })
    return {
      domain: [hostname],
      drain: [drain.id],
      transfer: [transfer.id],
      build: [build.id],
      slugOfApp: [slug.id],
      app: [app, teamApp],
      addon: [`${app}-db`, addon.id],
      attachment: ['FAST_DB', `${app}::FAST_DB`],
      webhook: [webhook],
      team: [team],
      authorization: [made.id],
      client: [client.id],
    }
  }

  await must('vendor', 'POST', '/api/v3/addons/fast-db/manifests', {
    contents: manifestOf(provider.url, providerPassword),
  })
  const ownService = JSON.parse(
    JSON.stringify(manifestOf(provider.url, plant(own, 'password-of-own-service')))
      .replaceAll('fast-db', 'own-db')
      .replaceAll('FAST_DB', 'OWN_DB'),
  )
  await must('owner', 'POST', '/api/v3/addons/own-db/manifests', { contents: ownService })
  const hers = await furnish('victim', 'vault', theirs)
  let generation = 1
  let mine = await furnish('owner', `shop-${generation}`, own)
  await must('owner', 'POST', `/apps/${mine.app[0]}/collaborators`, {
    user: 'viewer@example.com',
    permissions: ['view'],
  })
  const grantToken = plant(own, 'grant-token')
  await grant(mine.addon[1] ?? '')

  async function grant(addonId: string) {
    await house.db.transaction().execute((tx) =>
      insertGrantToken(tx, {
        id: randomUUID(),
        kind: 'grant_access',
        addonId,
        hash: tokenHash(grantToken),
        expiresAt: null,
        at: house.world.now(),
      }),
    )
  }

  /** Each committed write is on record, with its table: what was rolled back is not. */
  async function recordWrites() {
    await house.pool.query(`
      create table written (at bigserial, name text, what text);
      create function record_write() returns trigger language plpgsql as $$
        begin insert into written (name, what) values (tg_table_name, tg_op); return null; end $$;
      do $$ declare t text; begin
        for t in select tablename from pg_tables where schemaname = 'public' and tablename <> 'written' loop
          execute format('create trigger record_write after insert or update or delete on %I
            for each row execute function record_write()', t);
        end loop;
      end $$`)
  }

  const credentials: Record<Fuzzer, string | null> = {
    owner: 'Bearer token-of-owner',
    viewer: 'Bearer token-of-viewer',
    stranger: 'Bearer token-of-stranger',
    operator: 'Bearer token-of-operator',
    grant: `Bearer ${grantToken}`,
    service: `Basic ${Buffer.from(`fast-db:${providerPassword}`).toString('base64')}`,
    nobody: null,
  }

  return {
    house,
    provider,
    lines,
    theirs,
    own,
    credentials,
    /** What was written since the last question, by table. */
    async written(): Promise<string[]> {
      const { rows } = await house.pool.query(`with gone as (delete from written returning name, what)
        select distinct name || ' ' || lower(what) as one from gone order by 1`)
      return rows.map(({ one }) => one as string)
    },
    /** Everything of the owner's that a refused request must not change, as they see it. */
    async seen(): Promise<string> {
      const { rows } = await house.pool.query(`select
        (select json_agg((a.name, a.maintenance) order by a.id) from apps a) as apps,
        (select json_agg((r.app_id, r.version, r.description) order by r.app_id, r.version) from releases r) as releases,
        (select json_agg((n.app_id, n.name) order by n.app_id, n.name) from app_config_names n) as names,
        (select json_agg((t.app_id, t.name) order by t.app_id, t.name) from attachments t where t.detached_at is null) as attached,
        (select json_agg((d.id, d.plan_id) order by d.id) from addons d where d.state = 'provisioned') as addons`)
      return JSON.stringify(rows[0])
    },
    /** Names of things, by what speaks of them; the victim's now and then, to see that they stay the victim's. */
    known(): Known {
      const both = (key: keyof typeof mine) => [...mine[key], ...mine[key], ...(hers[key] ?? [])]
      const users = ['owner@example.com', 'friend@example.com', 'viewer@example.com', 'victim@example.com', '~']
      return {
        app: both('app'),
        addon: both('addon'),
        attachment: both('attachment'),
        addon_attachment: both('attachment'),
        webhook: both('webhook'),
        team: both('team'),
        authorization: [...both('authorization'), '~'],
        session: both('authorization'),
        client: both('client'),
        plan: ['fast-db:small', 'fast-db:slow', 'fast-db', 'fast-db:none'],
        addon_service: ['fast-db'],
        service: ['fast-db'],
        slug: ['fast-db', 'own-db', ...both('slugOfApp')],
        drain: both('drain'),
        transfer: both('transfer'),
        build: both('build'),
        generation: ['cedar'],
        size: ['eco', 'basic'],
        state: ['accepted', 'declined'],
        user: users,
        member: users,
        email: users,
        recipient: users,
        collaborator: users,
        region: ['us', 'mars'],
        stack: ['mortise-24', 'heroku-22'],
        release: ['1', '2', 'v1', '99'],
        type: ['web', 'worker'],
        dyno: ['web.1', 'run.1'],
        namespace: ['credential:default', 'default'],
        domain: both('domain'),
        config: ['config'],
      }
    },
    /**
     * Makes anew what a successful request took away.
     * @returns false when who asked has taken away their own account: only another scene has them again
     * @throws when the victim lacks anything
     */
    async restore(): Promise<boolean> {
      const there = async (url: string, who: (typeof people)[number] = 'owner') =>
        (await house.ask(who, 'GET', url)).status
      const victims = { app: '/apps/', addon: '/addons/', team: '/teams/', authorization: '/oauth/authorizations/' }
      for (const [kind, address] of Object.entries(victims)) {
        for (const name of hers[kind as keyof typeof victims]) {
          if ((await there(`${address}${name}`, 'victim')) !== 200)
            throw new Error(`the victim's ${kind} ${name} is gone`)
        }
      }
      if ((await there('/addon-services/fast-db', 'vendor')) !== 200) throw new Error('the service is gone')
      for (const who of people) if ((await there('/account', who)) !== 200) return false
      if (
        (await there(`/apps/${mine.app[0]}/addons/${mine.addon[1]}`)) === 200 &&
        (await there(`/teams/${mine.team[0]}`)) === 200
      )
        return true
      generation++
      mine = await furnish('owner', `shop-${generation}`, own)
      await house.pool.query('delete from tokens where hash = $1', [tokenHash(grantToken)])
      await grant(mine.addon[1] ?? '')
      return true
    },
    send: (asked: Asked, timeoutMs: number) =>
      asked.isRaw ? sendRaw(port, asked, timeoutMs) : send(agent, port, asked, timeoutMs),
    /** Tables that hold one of the planted texts as it is: all of them are sealed, or hashed. */
    async plainIn(): Promise<string[]> {
      const { rows } = await house.pool.query("select tablename from pg_tables where schemaname = 'public'")
      const found: string[] = []
      for (const { tablename } of rows) {
        for (const one of [...theirs, ...own]) {
          const holds = await house.pool.query(`select 1 from "${tablename}" t where t::text like $1 limit 1`, [
            `%${one}%`,
          ])
          if (holds.rowCount) found.push(`${tablename}: ${one}`)
        }
      }
      return found
    },
    async end() {
      agent.destroy()
      await house.end()
      await provider.stop()
    },
  }
}

function send(agent: http.Agent, port: number, asked: Asked, timeoutMs: number): Promise<Answered> {
  const { method, path, headers, body } = asked
  return new Promise((done, fail) => {
    const from = performance.now()
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const options = { agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } }
    const request = http.request(options, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () =>
        done({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(parts).toString('latin1'),
          ms: performance.now() - from,
        }),
      )
      answer.on('error', fail)
    })
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    request.on('error', fail)
    request.end(body)
  })
}

/** One request on a connection of its own, byte for byte. */
function sendRaw(port: number, asked: Asked, timeoutMs: number): Promise<Answered> {
  return new Promise((done, fail) => {
    const from = performance.now()
    const body = Buffer.from(asked.body ?? '')
    const lines = [
      `${asked.method} ${asked.path} HTTP/1.1`,
      'host: localhost',
      'connection: close',
      ...Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}`),
      ...(body.length ? [`content-length: ${body.length}`] : []),
    ]
    const socket = net.connect(port, '127.0.0.1')
    const parts: Buffer[] = []
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)))
    socket.on('data', (part) => parts.push(part))
    socket.on('error', fail)
    socket.on('close', () => {
      const text = Buffer.concat(parts).toString('latin1')
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0)
      const cut = text.indexOf('\r\n\r\n')
      const isJson = /^content-type: application\/json/im.test(text.slice(0, cut))
      const headers = isJson ? { 'content-type': 'application/json', 'request-id': 'raw' } : {}
      done({ status, headers, text: text.slice(cut + 4), ms: performance.now() - from })
    })
    socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]))
  })
}
