#!/usr/bin/env node
// A provider as a process of its own: honest, slow, idempotent on uuid, and with a memory that outlives it. Tests kill the
// platform, or this, at any moment and then count what is here.
//   node provider-process.mjs FOLDER PORT PASSWORD SEED    prints "ready at URL"; PORT 0 takes a free one
// The plan "small" is made at once, "slow" is answered 202 and reported later with the grant's token. /admin/state counts.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'

const [folder, port, password, seed] = process.argv.slice(2)
const slug = 'fast-db'
const journal = path.join(folder, 'journal.jsonl')
/** uuid → plan, config and whether the platform was told; what exists. */
const resources = new Map()
/** Removed for good: a question that arrives late makes nothing. */
const tombstones = new Set()
const counts = { made: 0, asked: 0, changes: 0, removals: 0 }
/** Questions that came and are not answered yet. */
let inHand = 0
let clientSecret = ''
let drawn = Number(seed) || 1

remember()
const server = http.createServer((req, res) => {
  answer(req).then(
    ({ status, body }) => {
      res.writeHead(status, { 'content-type': 'application/json' })
      res.end(body === undefined ? undefined : JSON.stringify(body))
    },
    (error) => res.destroy(error),
  )
})
server.listen(Number(port), '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${server.address().port}`))

async function answer(req) {
  const body = await bodyOf(req)
  if (req.url === '/admin/state') {
    return { status: 200, body: { resources: Object.fromEntries(resources), counts, inHand, pid: process.pid } }
  }
  if (req.url === '/admin/secret') {
    clientSecret = body.client_secret
    write({ secret: clientSecret })
    return { status: 200, body: {} }
  }
  const wanted = `Basic ${Buffer.from(`${slug}:${password}`).toString('base64')}`
  if (req.headers.authorization !== wanted) return { status: 401, body: { message: 'wrong password' } }
  inHand++
  try {
    return await work(req, body)
  } finally {
    inHand--
  }
}

/** Half of the wait before the work and half after it: whoever is killed meanwhile leaves both kinds of doubt. */
async function work(req, body) {
  const waitMs = 50 + chance() * 450
  await sleep(waitMs * chance())
  if (req.method === 'GET') return { status: 200, body: list(new URL(req.url, 'http://here').searchParams) }
  const uuid = req.url.split('/').at(-1)
  const done =
    req.method === 'POST' ? provision(body) : req.method === 'PUT' ? change(uuid, body.plan) : deprovision(uuid)
  await sleep(waitMs / 2)
  return done
}

function provision(question) {
  counts.asked++
  const { uuid } = question
  if (tombstones.has(uuid)) return { status: 410, body: { message: 'That resource was removed.' } }
  if (!resources.has(uuid)) {
    counts.made++
    keep(uuid, {
      plan: question.plan,
      told: question.plan !== 'slow',
      config: { FAST_DB_URL: `fast://u:secret-of-${uuid}@127.0.0.1/db` },
    })
  }
  const resource = resources.get(uuid)
  if (resource.told) return { status: 201, body: { id: uuid, config: resource.config, message: 'Made for you.' } }
  // Each question brings a code of its own; the newest one is good.
  keep(uuid, { ...resource, code: question.oauth_grant.code, callback: question.callback_url, token: undefined })
  if (!resource.code) report(uuid)
  return { status: 202, body: { id: uuid, message: 'It takes a moment.' } }
}

/** What exists, by uuid; `next` is the last of the page. */
function list(query) {
  const after = query.get('after') ?? ''
  const limit = Number(query.get('limit') ?? 500)
  const left = [...resources.keys()].sort().filter((uuid) => uuid > after)
  const listed = left.slice(0, limit).map((uuid) => ({ uuid, id: uuid }))
  return { resources: listed, next: left.length > limit ? listed.at(-1)?.uuid : null }
}

function change(uuid, plan) {
  const resource = resources.get(uuid)
  if (!resource) return { status: 404, body: { message: 'There is no such resource.' } }
  counts.changes++
  keep(uuid, { ...resource, plan })
  return { status: 200, body: { config: resource.config, message: 'Changed.' } }
}

function deprovision(uuid) {
  counts.removals++
  if (!resources.has(uuid)) {
    if (!tombstones.has(uuid)) bury(uuid)
    return { status: 410, body: {} }
  }
  bury(uuid)
  return { status: 204, body: undefined }
}

/** Tells the platform the config, and then that it is done; a platform that is away is called again. */
async function report(uuid) {
  await sleep(300 + chance() * 1_500)
  for (let tries = 0; tries < 600; tries++) {
    const resource = resources.get(uuid)
    if (!resource || resource.told) return
    try {
      if (await told(uuid, resource)) return
    } catch {
      // The platform is away: nobody answers, or the connection broke.
    }
    await sleep(200)
  }
}

async function told(uuid, resource) {
  const platform = new URL(resource.callback).origin
  if (!resource.token) {
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: resource.code,
      client_secret: clientSecret,
    })
    const traded = await fetch(`${platform}/oauth/token`, { method: 'POST', body: form })
    // 401: the add-on is gone, or the code is of an older question; then a newer one came, or a DELETE will.
    if (traded.status !== 200) return false
    keep(uuid, { ...resources.get(uuid), token: (await traded.json()).access_token })
    return false
  }
  const call = (method, address, body) =>
    fetch(`${resource.callback}${address}`, {
      method,
      headers: { authorization: `Bearer ${resource.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const config = Object.entries(resource.config).map(([name, value]) => ({ name, value }))
  const set = await call('PATCH', '/config', { config })
  if (set.status === 410) return true
  if (set.status >= 300) return false
  const said = await call('POST', '/actions/provision', {})
  if (said.status === 410) return true
  if (said.status >= 300) return false
  const kept = resources.get(uuid)
  if (kept) keep(uuid, { ...kept, told: true })
  return true
}

function keep(uuid, resource) {
  resources.set(uuid, resource)
  write({ uuid, resource })
}

function bury(uuid) {
  resources.delete(uuid)
  tombstones.add(uuid)
  write({ uuid, resource: null })
}

// Before each answer, and in one write: what was said is on disk when this process is killed.
function write(line) {
  fs.appendFileSync(journal, `${JSON.stringify(line)}\n`)
}

function remember() {
  if (!fs.existsSync(journal)) return
  for (const line of fs.readFileSync(journal, 'utf8').split('\n').filter(Boolean)) {
    const { uuid, resource, secret } = JSON.parse(line)
    if (secret) clientSecret = secret
    else if (resource) resources.set(uuid, resource)
    else {
      resources.delete(uuid)
      tombstones.add(uuid)
    }
  }
  for (const [uuid, resource] of resources) if (!resource.told && resource.code) report(uuid)
}

async function bodyOf(req) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  return text ? JSON.parse(text) : {}
}

function chance() {
  drawn = (drawn * 16_807) % 2_147_483_647
  return drawn / 2_147_483_647
}

function sleep(ms) {
  return new Promise((done) => setTimeout(done, ms))
}
