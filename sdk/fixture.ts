import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userScopedResourceToken } from '@mortise/contract/partner-api/sso'

// What the tests of this package and of the providers share: a manifest, a client and a sign-on form.

export const uuids = Array.from({ length: 9 }, (_, n) => `00000000-0000-4000-8000-00000000000${n}`) as [string, string]
export const password = 'p'.repeat(32)
export const salt = 's'.repeat(32)
export const person = { user_id: '11111111-2222-3333-4444-555555555555', email: 'user@example.com' }

export const manifest = {
  id: 'fast-db',
  name: 'Fast DB',
  api: {
    version: '3',
    password,
    sso_salt: salt,
    sso: 'user_scoped',
    config_vars: ['FAST_DB_URL'],
    regions: ['*'],
    requires: [],
    production: {
      base_url: 'http://127.0.0.1:4567/heroku/resources',
      sso_url: 'http://127.0.0.1:4567/heroku/sso',
    },
  },
  plans: [
    { name: 'mini', price: { cents: 0, unit: 'month' }, default: true },
    { name: 'big', price: { cents: 500, unit: 'month' } },
  ],
}

export interface Reply {
  status: number
  headers: IncomingMessage['headers']
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
  json: any
}

/** One request over real HTTP. No redirects are followed. */
export function ask(
  method: string,
  url: string,
  { body, auth, headers = {} }: { body?: unknown; auth?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const data = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const req = request(
      url,
      {
        method,
        auth,
        agent: false,
        headers: {
          ...(data ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(data) } : {}),
          ...headers,
        },
      },
      async (res) => {
        try {
          const text = Buffer.concat(await res.toArray()).toString('utf8')
          const isJson = res.headers['content-type']?.startsWith('application/json')
          resolve({
            status: res.statusCode ?? 0,
            headers: res.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          })
        } catch (error) {
          reject(error)
        }
      },
    )
    req.on('error', reject)
    req.end(data)
  })
}

/** The form that the platform's page would post for this person, now. */
export function signOnForm(
  resourceId: string,
  fields: Record<string, string> = {},
  ssoSalt = salt,
): Record<string, string> {
  const timestamp = fields.timestamp ?? String(Math.floor(Date.now() / 1000))
  const token = userScopedResourceToken({
    resourceId,
    salt: ssoSalt,
    timestamp,
    userId: person.user_id,
    email: person.email,
  })
  return {
    resource_id: resourceId,
    timestamp,
    user_scoped_resource_token: token,
    ...person,
    app: 'example-app',
    context_app: 'example-app',
    'nav-data': Buffer.from('{"addon":"Fast DB","appname":"example-app","addons":[]}').toString('base64url'),
    ...fields,
  }
}

export function signOn(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const body = new URLSearchParams(form).toString()
  return ask('POST', url, { body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })
}

/** The Cookie header that a browser would send after this reply. */
export function cookiesOf(reply: Reply): string {
  return (reply.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
}

export interface FakePlatform {
  url: string
  calls: { method: string; path: string; authorization: string; body: string }[]
  /** What it answers next; the default is a good token or `{}`. */
  answer: (call: FakePlatform['calls'][number]) => { status: number; body?: unknown }
  close(): Promise<void>
}

/** A platform as a party: it keeps what it was told and answers as it is told to. */
export async function fakePlatform(): Promise<FakePlatform> {
  const server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    const body = Buffer.concat(await req.toArray()).toString('utf8')
    const { method = '', url: path = '', headers } = req
    const call = { method, path, authorization: headers.authorization ?? '', body }
    platform.calls.push(call)
    const answer = platform.answer(call)
    res.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const platform: FakePlatform = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer: ({ path }) => ({ status: 200, body: path === '/oauth/token' ? freshTokens(1) : [] }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return platform
}

export function freshTokens(n: number) {
  return { access_token: `access-${n}`, refresh_token: `refresh-${n}`, expires_in: 28_800, token_type: 'Bearer' }
}

/** Waits until it is so, at most five seconds. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('It did not become so within 5 s.')
}

/** A port that nobody listens on at the moment. */
export async function unusedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
