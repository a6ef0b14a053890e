import type { IncomingMessage } from 'node:http'
import { type Fields, isFields } from '@mortise/contract/manifest/fields'
import type { Manifest } from '@mortise/contract/manifest/manifest'
import { addonView, appInfo, type FakeAddon } from './fake-addon.js'
import { tradeTokens } from './fake-tokens.js'

/** One call of the provider, what it was answered, and what was wrong with it. */
export interface Call {
  kind: 'token' | 'config' | 'action' | 'read' | 'logs' | 'other'
  method: string
  path: string
  body: string
  uuid: string | null
  /** Whether the provider had not yet answered the request for this resource. */
  isEarly: boolean
  status: number
  answer: unknown
  headers?: Record<string, string>
  problem: string | null
}

export interface FakeWorld {
  manifest: Manifest
  url: string
  addons: FakeAddon[]
  clientSecret?: string | undefined
  now(): number
}

type Result = Pick<Call, 'kind' | 'status'> & { answer?: unknown; problem?: string; addon?: FakeAddon | undefined }

/** Answers like the platform would, and keeps what a careful platform would have to complain about. */
export function answerCall(req: IncomingMessage, body: string, world: FakeWorld): Call {
  const { method = 'GET', headers } = req
  const url = new URL(req.url?.startsWith('/') ? req.url : '/', 'http://platform')
  const { addon, problem = null, answer, ...rest } = route(method, url, body, headers, world)
  const isEarly = addon?.state === 'asking'
  return { ...rest, answer, problem, method, path: url.pathname, body, uuid: addon?.uuid ?? null, isEarly }
}

function route(method: string, url: URL, body: string, headers: IncomingMessage['headers'], world: FakeWorld): Result {
  const [first, second, third, fourth] = url.pathname.split('/').slice(1).map(segment)
  if (method === 'POST' && first === 'oauth' && (second === 'token' || second === 'tokens')) {
    return tradeTokens(fieldsOf(url, headers['content-type'] ?? '', body), world)
  }
  if (first === 'logs' && method === 'POST') return { kind: 'logs', status: 204 }
  if (first === 'vendor' && second === 'apps') return vendor(method, third, body, headers.authorization, world)
  if (first !== 'addons') return refusal('other', 404, 'not_found', `The platform has no ${method} ${url.pathname}.`)

  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
  const owner = world.addons.find((each) => each.accessTokens.has(bearer))
  const kind = third === 'config' && method === 'PATCH' ? 'config' : third === 'actions' ? 'action' : 'read'
  if (!owner) return refusal(kind, 401, 'unauthorized', 'The call carries no access token that was given out.')
  if (second === undefined || second === '') return { kind, status: 200, answer: [view(owner, world)], addon: owner }
  if (second !== owner.uuid && second !== owner.name) {
    return refusal(kind, 404, 'not_found', `The token is for another add-on than ${second}.`, owner)
  }
  if (method === 'GET' && third === undefined) return { kind, status: 200, answer: view(owner, world), addon: owner }
  if (third === 'config' && method === 'GET') return { kind, status: 200, answer: listOf(owner), addon: owner }
  if (third === 'config' && method === 'PATCH') return patchConfig(owner, body, world)
  if (method === 'POST' && fourth === 'provision') return provisioned(owner, world)
  if (method === 'POST' && fourth === 'deprovision') return deprovisioned(owner, world)
  return refusal('other', 404, 'not_found', `The platform has no ${method} ${url.pathname}.`, owner)
}

function patchConfig(addon: FakeAddon, body: string, { manifest }: FakeWorld): Result {
  const { config } = jsonFields(body)
  const invalid = (message: string) => refusal('config', 422, 'invalid_params', message, addon)
  if (!Array.isArray(config)) return invalid('"config" must be a list of {"name", "value"}.')
  for (const each of config) {
    const { name, value } = isFields(each) ? each : {}
    if (typeof name !== 'string') return invalid('Each entry of "config" needs a "name".')
    if (!manifest.api.config_vars.includes(name)) return invalid(`${name} is not in the manifest.`)
    if (typeof value !== 'string' && value !== null) return invalid(`The value of ${name} is neither text nor null.`)
  }
  for (const { name, value } of config as { name: string; value: string | null }[]) {
    if (value === null) addon.config.delete(name)
    else addon.config.set(name, value)
  }
  return { kind: 'config', status: 200, answer: listOf(addon), addon }
}

function provisioned(addon: FakeAddon, world: FakeWorld): Result {
  // The removal is on its way and not answered: the two may have crossed, which is nobody's fault.
  if (addon.state === 'deprovisioning') {
    return { kind: 'action', status: 410, answer: { id: 'gone', message: 'It is being removed.' }, addon }
  }
  if (addon.state === 'deprovisioned' || addon.state === 'failed') {
    return refusal('action', 410, 'gone', 'It reported as ready what was removed.', addon)
  }
  addon.state = 'provisioned'
  return { kind: 'action', status: 200, answer: view(addon, world), addon }
}

function deprovisioned(addon: FakeAddon, world: FakeWorld): Result {
  if (addon.state === 'provisioned') {
    return refusal('action', 422, 'invalid_params', 'A provider may not take away a live resource.', addon)
  }
  if (addon.state === 'deprovisioning') addon.state = 'deprovisioned'
  else if (addon.state !== 'deprovisioned') addon.state = 'failed'
  return { kind: 'action', status: 200, answer: view(addon, world), addon }
}

/** The calls of the first generation: Basic auth, by heroku_id. */
function vendor(
  method: string,
  herokuId: string | undefined,
  body: string,
  authorization: string | undefined,
  world: FakeWorld,
): Result {
  const kind = method === 'PUT' ? 'config' : 'read'
  const wanted = `Basic ${Buffer.from(`${world.manifest.id}:${world.manifest.api.password}`).toString('base64')}`
  if (authorization !== wanted) return refusal(kind, 401, 'unauthorized', 'App Info was asked with a wrong password.')
  if (!herokuId) {
    const answer = world.addons.map((each) => ({
      ...appInfo(each, world.url),
      provider_id: each.providerId,
      plan: each.plan,
    }))
    return { kind, status: 200, answer }
  }
  const addon = world.addons.find((each) => each.herokuId === herokuId)
  if (!addon) return refusal(kind, 404, 'not_found', `There is no app ${herokuId}.`)
  if (method === 'GET') return { kind, status: 200, answer: appInfo(addon, world.url), addon }
  const { config } = jsonFields(body)
  const list = Object.entries(isFields(config) ? config : {}).map(([name, value]) => ({ name, value }))
  const result = patchConfig(addon, JSON.stringify({ config: list }), world)
  // kensa's way of answering later: the PUT with the config ends the provisioning.
  if (result.status === 200 && addon.state === 'provisioning') addon.state = 'provisioned'
  return result.status === 200 ? { ...result, answer: appInfo(addon, world.url) } : result
}

const view = (addon: FakeAddon, { manifest }: FakeWorld) => addonView(addon, manifest, [...addon.config.keys()])
const listOf = (addon: FakeAddon) => [...addon.config].map(([name, value]) => ({ name, value }))

export function refusal(kind: Call['kind'], status: number, id: string, message: string, addon?: FakeAddon): Result {
  return { kind, status, answer: { id, message }, problem: message, addon }
}

/** Real clients send the token request as a form, as JSON, or in the query of a POST. */
function fieldsOf(url: URL, contentType: string, body: string): Fields {
  const query = Object.fromEntries(url.searchParams)
  const sent = contentType.includes('json') || body.startsWith('{') ? jsonFields(body) : new URLSearchParams(body)
  return { ...query, ...(sent instanceof URLSearchParams ? Object.fromEntries(sent) : sent) }
}

function jsonFields(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : {}
  } catch {
    return {}
  }
}

function segment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
