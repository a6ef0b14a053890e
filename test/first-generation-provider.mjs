// A provider as they were in 2012, as a party: Basic auth, a number as id, sign-on by a link with a SHA-1 token, and no
// line of ours in it. `node first-generation-provider.mjs MANIFEST PORT`
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http from 'node:http'

const [, , file, port] = process.argv
const { id, api } = JSON.parse(readFileSync(file, 'utf8'))
const expected = `Basic ${Buffer.from(`${id}:${api.password}`).toString('base64')}`
const [configVar] = api.config_vars
const resources = new Map()
const byUuid = new Map()
let last = 0

http
  .createServer(async (req, res) => {
    const text = Buffer.concat(await req.toArray()).toString()
    const url = new URL(req.url, 'http://provider')
    const [, , , resource] = url.pathname.split('/')
    const say = (status, body, type = 'application/json') => res.writeHead(status, { 'content-type': type }).end(body)
    if (!url.pathname.startsWith('/heroku/resources')) return say(404, 'Not found', 'text/plain')
    if (req.method === 'GET') {
      const { token, timestamp } = Object.fromEntries(url.searchParams)
      const right = createHash('sha1').update(`${resource}:${api.sso_salt}:${timestamp}`).digest('hex')
      if (token !== right || Number(timestamp) < Date.now() / 1000 - 120) return say(403, 'Forbidden', 'text/plain')
      if (!resources.has(resource)) return say(404, 'Not found', 'text/plain')
      res.setHeader('set-cookie', `heroku-nav-data=${url.searchParams.get('nav-data')}; path=/`)
      return say(200, '<!doctype html><title>Old DB</title><div id="heroku-header"></div>', 'text/html')
    }
    if (req.headers.authorization !== expected) return say(401, 'Not authorized', 'text/plain')
    if (req.method === 'POST') {
      const { uuid, plan } = JSON.parse(text)
      const known = byUuid.get(uuid)
      if (known && !resources.has(known)) return say(410, 'Gone', 'text/plain')
      const made = known ?? String(++last)
      if (uuid) byUuid.set(uuid, made)
      resources.set(made, plan)
      return say(201, JSON.stringify({ id: Number(made), config: { [configVar]: `https://db.example.com/${made}` } }))
    }
    if (!resources.has(resource)) return say(410, 'Gone', 'text/plain')
    if (req.method === 'PUT') resources.set(resource, JSON.parse(text).plan)
    if (req.method === 'DELETE') resources.delete(resource)
    // Many answered with a word.
    return say(200, 'ok', 'text/plain')
  })
  .listen(Number(port), '127.0.0.1', () => console.log('ready'))
