import { randomUUID } from 'node:crypto'
import { userScopedResourceToken } from '@mortise/contract/partner-api/sso'
import { serviceOf } from './service.js'

/** What a provider answered to one call. */
export interface CallAnswer {
  status: number
  /** The parsed JSON; undefined when there was none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came, and fails when it looks different.
  body: any
  text: string
  headers: Headers
}

/** Asks a provider what a platform asks, one call each. Nothing is repeated, and no redirect is followed. */
export interface CallsOfPlatform {
  /** A fresh uuid unless `fields` has one. Whatever else is in `fields` goes into the body as it is. */
  provision(fields?: Record<string, unknown>): Promise<CallAnswer & { uuid: string }>
  changePlan(uuid: string, plan: string): Promise<CallAnswer>
  deprovision(uuid: string): Promise<CallAnswer>
  /**
   * Posts the sign-on form that the platform's page would post now.
   * @param fields replaces some of the form's fields after it was signed, as a forger would
   */
  signOn(uuid: string, fields?: Record<string, string>): Promise<CallAnswer>
  /** Opens a page with the cookies of a sign-on's answer; without an answer, as a stranger. */
  visit(path: string, signedOn?: CallAnswer): Promise<CallAnswer>
}

/**
 * The platform's side of the wire for a provider's own tests. `mortise inspect` asks much more; this is for what is
 * particular to one service.
 *
 * @example
 * const platform = callsOfPlatform(manifest, 'http://127.0.0.1:4567')
 * const { uuid, body } = await platform.provision({ plan: 'mini' })
 * const signedOn = await platform.signOn(uuid)
 * const page = await platform.visit(signedOn.headers.get('location') ?? '', signedOn)
 * @param manifest as pushed; its paths count, not its hosts
 * @param url where the provider listens
 */
export function callsOfPlatform(manifest: unknown, url: string): CallsOfPlatform {
  const { id, protocol, passwords, ssoSalts, resourcesPath, ssoPath, plans } = serviceOf(manifest)
  const authorization = `Basic ${Buffer.from(`${id}:${passwords[0]}`).toString('base64')}`
  const accept = protocol === '1' ? 'application/json' : 'application/vnd.heroku-addons+json; version=3'

  async function call(path: string, init: RequestInit): Promise<CallAnswer> {
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }

  function ask(method: string, path: string, body?: unknown): Promise<CallAnswer> {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    return call(path, {
      method,
      headers: { authorization, accept, ...type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  const resource = (uuid: string) => `${resourcesPath}/${encodeURIComponent(uuid)}`
  return {
    async provision(fields = {}) {
      const uuid = typeof fields.uuid === 'string' ? fields.uuid : randomUUID()
      const plan = plans?.[0] ?? 'test'
      const name = `${id}-tested-${uuid.slice(0, 5)}`
      const known = { plan, name, region: 'amazon-web-services::us-east-1', options: {} }
      return { uuid, ...(await ask('POST', resourcesPath, { ...known, ...fields, uuid })) }
    },
    changePlan: (uuid, plan) => ask('PUT', resource(uuid), { plan }),
    deprovision: (uuid) => ask('DELETE', resource(uuid)),
    signOn(uuid, fields = {}) {
      const timestamp = String(Math.floor(Date.now() / 1000))
      const person = { user_id: randomUUID(), email: 'user@example.com' }
      const words = {
        resourceId: uuid,
        salt: ssoSalts[0] ?? '',
        timestamp,
        userId: person.user_id,
        email: person.email,
      }
      const form = {
        resource_id: uuid,
        timestamp,
        user_scoped_resource_token: userScopedResourceToken(words),
        ...person,
        app: 'example-app',
        context_app: 'example-app',
        ...fields,
      }
      return call(ssoPath, { method: 'POST', body: new URLSearchParams(form) })
    },
    visit: (path, signedOn) =>
      call(path, {
        headers: {
          cookie:
            signedOn?.headers
              .getSetCookie()
              .map((line) => line.split(';')[0])
              .join('; ') ?? '',
        },
      }),
  }
}
