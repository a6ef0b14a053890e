import { openApi } from '@mortise/contract/documents/openapi'
import { errorStatus, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Route } from '@mortise/contract/route'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Handler } from '../platform/http/handle.js'
import { type Asked, type Fuzzer, fuzzers, fuzzScene, type Scene } from './fuzz-scene.js'
import {
  badCredentials,
  type Chance,
  chanceOf,
  hostileBodies,
  hostileHeaders,
  hostilePathParts,
  hostileQueries,
  hostileTypes,
  type Shape,
  spoiled,
  validOf,
} from './fuzz-values.js'

// Requests made from our own OpenAPI document: valid ones, nearly valid ones and hostile ones. Whatever is sent: an answer
// soon, no fault of ours, an error id that the document declares, no secret in it, and nothing half done.
// A failure names its seed and number: MORTISE_FUZZ_SEED=n runs the same requests again.
const seed = Number(process.env['MORTISE_FUZZ_SEED'] ?? 20261124)
const seconds = Number(process.env['MORTISE_FUZZ_SECONDS'] ?? 20)
const answerMsMax = 15_000

const document: Shape = openApi('http://localhost', '0')
interface Place {
  path: string
  method: string
  operation: Shape
}
/** A stream that is let in has no end to wait for; platform/live/live.test.ts reads those. */
const isStream = (operation: Shape) => operation.responses?.['200']?.content?.['text/event-stream'] !== undefined
const places: Place[] = Object.entries<Shape>(document.paths).flatMap(([path, methods]) =>
  Object.entries<Shape>(methods)
    .filter(([, operation]) => !isStream(operation))
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)

let scene: Scene
beforeAll(async () => {
  scene = await fuzzScene()
})
afterAll(() => scene?.end())

/** How far from what it should be a request is. */
const kinds = ['valid', 'nearly', 'hostile'] as const

function requestFor(place: Place, kind: (typeof kinds)[number], who: Fuzzer, chance: Chance): Asked {
  const known = scene.known()
  const isHostile = kind === 'hostile'
  const path = place.path.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    if (isHostile && chance.is(0.4)) return chance.pick(hostilePathParts)
    return encodeURIComponent(chance.pick(known[name] ?? ['01234567-89ab-cdef-0123-456789abcdef', '1', 'none']))
  })
  const headers: Record<string, string> = { accept: 'application/vnd.heroku+json; version=3' }
  const credentials = scene.credentials[who]
  if (credentials) headers['authorization'] = credentials
  if (isHostile && chance.is(0.1)) headers['authorization'] = chance.pick(badCredentials)
  if (isHostile && chance.is(0.5)) {
    for (let count = 1 + chance.below(3); count > 0; count--) {
      const name = chance.pick(Object.keys(hostileHeaders))
      // What belongs to an operator's sudo is theirs to see.
      if (who === 'operator' && name.startsWith('x-heroku-sudo')) continue
      headers[name] = chance.pick(hostileHeaders[name] ?? [''])
    }
  }
  const query = isHostile && chance.is(0.2) ? `?${chance.pick(hostileQueries)}` : ''
  const shape = place.operation.requestBody?.content?.['application/json']?.schema
  let body: string | Buffer | undefined
  if (shape || (isHostile && chance.is(0.3))) {
    const value = shape ? validOf(shape, chance, known, document) : { unasked: true }
    body = JSON.stringify(kind === 'valid' ? value : spoiled(value, chance))
    headers['content-type'] = 'application/json'
    if (isHostile && chance.is(0.4)) {
      body = chance.pick(hostileBodies)
      headers['content-type'] = chance.pick(hostileTypes)
    } else if (isHostile && chance.is(0.02)) body = `{"name":"${'x'.repeat(1_100_000)}"}`
  }
  const isRaw = isHostile && chance.is(0.1)
  if (isRaw) return { method: place.method, path: path + query, headers, body, isRaw }
  // An HTTP library sends no other bytes than these in an address.
  return { method: place.method, path: (path + query).replaceAll(' ', '%20'), headers, body }
}

/** Who may do it, as far as the document says so. */
function rightful({ operation }: Place): Fuzzer {
  const permission = /Permission: (\S+)\. /.exec(operation.description)?.[1]
  return permission === 'operator' ? 'operator' : permission === 'provider' ? 'service' : 'owner'
}

/** Written by reading or refusing too: when a token was last used, what was tried, what is remembered of a key. */
const passing =
  /^(tokens update|provider_calls insert$|idempotency_keys |operation_log |events insert$|password_requests |logins )/
/** Errors that a provider or a story is behind: a trace of the attempt stays, and what the customer has does not change. */
const attempted = new Set(['provider_refused', 'provider_unreachable'])

/** The status of the answer, and what is wrong with it, in sentences. */
async function sendAndJudge(place: Place, asked: Asked, before: string): Promise<{ status: number; wrong: string[] }> {
  const linesBefore = scene.lines.length
  const answer = await scene.send(asked, answerMsMax).catch((error: Error) => error)
  if (answer instanceof Error) return { status: 0, wrong: [`no answer: ${answer.message}`] }
  const wrong: string[] = []
  const { status, text, headers } = answer
  const isOverridden = Object.keys(asked.headers).includes('x-http-method-override')
  let id: string | undefined
  if (status >= 500 && status !== 503) wrong.push(`${status}: ${text.slice(0, 300)}`)
  if (status === 0) wrong.push('closed without an answer')
  if (status >= 400) {
    if (!String(headers['content-type']).includes('json')) wrong.push(`${status} is no JSON: ${text.slice(0, 100)}`)
    else {
      const body = JSON.parse(Buffer.from(text, 'latin1').toString('utf8'))
      id = body.id ?? body.error?.id
      const isOwnSpelling = typeof body.error === 'object' || typeof body.error === 'string' || body.base !== undefined
      if (id === undefined && !isOwnSpelling) wrong.push(`${status} has no id: ${text.slice(0, 200)}`)
      if (id !== undefined && !(id in errorStatus)) wrong.push(`${status} has an unknown id ${id}`)
      if (id === 'service_unavailable') wrong.push(`says that it is away: ${text.slice(0, 200)}`)
      const declared = JSON.stringify(place.operation.responses[status] ?? '')
      // An address that leads elsewhere is answered by no operation.
      const isElsewhere = isOverridden || ['not_found', 'bad_request', 'request_too_large'].includes(id ?? '')
      if (id !== undefined && !isElsewhere && !declared.includes(`"${id}"`))
        wrong.push(`${status} ${id} is not declared`)
    }
    if (text.includes(' at ') && /\.(ts|js):\d+/.test(text))
      wrong.push(`shows where it is in our code: ${text.slice(0, 200)}`)
  }
  if (!headers['request-id'] && !asked.isRaw && status !== 431) wrong.push(`${status} has no Request-Id`)
  const written = (await scene.written()).filter((one) => !passing.test(one))
  if (status >= 400 && written.length > 0 && !attempted.has(id ?? ''))
    wrong.push(`refused with ${status} ${id}, and wrote ${written.join(', ')}`)
  if (status >= 400 && attempted.has(id ?? '') && (await scene.seen()) !== before)
    wrong.push(`refused with ${id}, and the customer sees another state`)
  const told = `${JSON.stringify(headers)} ${text}`
  const sent = `${asked.path} ${JSON.stringify(asked.headers)} ${asked.body ?? ''}`
  for (const one of scene.theirs) if (told.includes(one) && !sent.includes(one)) wrong.push(`tells the victim's ${one}`)
  // Only what asks for a protected scope, or has just made a token, tells one's own.
  const mayTell =
    status < 300 &&
    /Scope: \S*-protected|authorizations|clients|tokens|webhooks|manifest|sources/.test(
      `${place.operation.description} ${place.path}`,
    )
  if (!mayTell) for (const one of scene.own) if (told.includes(one)) wrong.push(`tells ${one}`)
  const logged = JSON.stringify(scene.lines.slice(linesBefore))
  for (const one of [...scene.theirs, ...scene.own]) if (logged.includes(one)) wrong.push(`logs ${one}`)
  for (const fault of scene.house.faults.splice(0)) wrong.push(`fault: ${fault instanceof Error ? fault.stack : fault}`)
  return { status, wrong }
}

test('any request is answered: no fault of ours, no hang, no secret, nothing half done', {
  timeout: seconds * 1000 + 90_000,
}, async () => {
  const chance = chanceOf(seed)
  const until = Date.now() + seconds * 1000
  const wrong: string[] = []
  const counts: Record<string, number> = {}
  let number = 0
  let rounds = 0
  await scene.written()
  let before = await scene.seen()
  // Each operation at least once with each kind, however slow the machine.
  while (rounds < kinds.length || Date.now() < until) {
    const kind = kinds[rounds % kinds.length] ?? 'valid'
    for (const place of places) {
      if (rounds >= kinds.length && Date.now() >= until) break
      number++
      const who = kind === 'valid' && chance.is(0.7) ? rightful(place) : chance.pick(fuzzers)
      const asked = requestFor(place, kind, who, chance)
      const judged = await sendAndJudge(place, asked, before)
      counts[`${kind} ${judged.status < 300 ? 'done' : 'refused'}`] =
        (counts[`${kind} ${judged.status < 300 ? 'done' : 'refused'}`] ?? 0) + 1
      for (const fault of judged.wrong) {
        const body = String(asked.body ?? '').slice(0, 300)
        const shown = `${asked.method} ${asked.path.slice(0, 200)} ${body} ${JSON.stringify(asked.headers).slice(0, 400)}`
        wrong.push(
          `[seed ${seed}, ${number}, ${kind}, as ${who}] ${place.operation.operationId}: ${fault}\n    ${shown}`,
        )
      }
      if (place.method === 'GET' || judged.status >= 300) continue
      if (!(await scene.restore())) {
        await scene.end()
        scene = await fuzzScene()
      }
      await scene.written()
      before = await scene.seen()
    }
    rounds++
  }
  if (process.env['MORTISE_FUZZ_SECONDS']) console.log(`${number} requests in ${rounds} rounds`, counts)
  expect(wrong.join('\n')).toBe('')
  expect(await scene.plainIn()).toEqual([])
  // What is valid is done often enough to mean something, and what is hostile is refused.
  expect(counts['valid done']).toBeGreaterThan(places.length / 4)
  expect(counts['hostile refused']).toBeGreaterThan(places.length / 3)
})

test('a fault, a secret, an undeclared error and a half-done change would each be found', async () => {
  const { house } = scene
  const place = (id: string) => places.find(({ operation }) => operation.operationId === id) as Place
  const broken = async (id: string, run: (really: () => Promise<unknown>) => Promise<unknown>) => {
    const [noun = '', verb = ''] = id.split('.')
    const route = (routes as unknown as Record<string, Record<string, Route>>)[noun]?.[verb]
    const handler = house.handlers.find((one) => one.route === route) as Handler
    const { run: really } = handler
    Object.assign(handler, { run: (context: never) => run(() => really(context)) })
    await scene.written()
    const asked = requestFor(place(id), 'valid', 'owner', chanceOf(1))
    const [app = ''] = scene.known()['app'] ?? []
    asked.path = asked.path.replace(/\/apps\/[^/]+/, `/apps/${app}`)
    const body = id === 'config.update' ? '{"A":"1"}' : asked.body
    const { wrong } = await sendAndJudge(place(id), { ...asked, body }, await scene.seen())
    Object.assign(handler, { run: really })
    return wrong.join('\n')
  }
  expect(await broken('account.info', () => Promise.reject(new TypeError('x is undefined')))).toMatch(/^500/)
  expect(
    await broken('apps.info', async (really) => ({ ...((await really()) as object), web_url: scene.theirs[3] })),
  ).toContain("tells the victim's planted-")
  const undeclared = () => Promise.reject(new WireError('two_factor', 'A code is needed.'))
  expect(await broken('apps.list', undeclared)).toContain('which it does not declare')
  const halfDone = async (really: () => Promise<unknown>) => {
    await really()
    throw new WireError('invalid_params', 'It is not to be.')
  }
  expect(await broken('config.update', halfDone)).toMatch(
    /refused with 422 invalid_params, and wrote .*releases insert/,
  )
})
