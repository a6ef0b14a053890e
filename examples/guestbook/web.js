import http from 'node:http'
import { openDatabase } from './database.js'
import { errorPage, guestbookPage, noDatabase, noDatabasePage } from './page.js'
import { report } from './report.js'

const database = openDatabase()
const bodyBytesMax = 16 * 1024
const broken = 'The database does not answer just now. Please try again in a moment.'

const server = http.createServer((req, res) => {
  route(req, res).catch((error) => {
    // The address of the database may be in the error; it goes to the log of the app, not to visitors.
    console.error(`${req.method} ${req.url} failed`)
    void report(error)
    if (res.headersSent) return res.destroy()
    if (req.url === '/entries' && req.method === 'GET') sendJson(res, 503, { message: broken })
    else sendHtml(res, 503, errorPage(broken))
  })
})

async function route(req, res) {
  const { pathname } = new URL(req.url, 'http://guestbook')
  const isRead = req.method === 'GET' || req.method === 'HEAD'
  if (pathname === '/health' && isRead) return sendJson(res, 200, { status: 'ok', database: Boolean(database) })
  if (pathname === '/' && isRead) {
    if (!database) return sendHtml(res, 200, noDatabasePage())
    const [entries, counted] = await Promise.all([database.entries(), database.counted()])
    return sendHtml(res, 200, guestbookPage({ entries, counted }))
  }
  if (pathname === '/entries' && isRead) {
    if (!database) return sendJson(res, 503, { message: noDatabase })
    return sendJson(res, 200, await database.entries())
  }
  if (pathname === '/entries' && req.method === 'POST') return addEntry(req, res)
  // To see what becomes of an exception.
  if (pathname === '/oops' && isRead) throw new Error('Somebody asked for /oops')
  return sendHtml(res, 404, errorPage('There is no such page.'))
}

async function addEntry(req, res) {
  const body = await textOf(req)
  if (body === undefined) return sendHtml(res, 413, errorPage('That message is too long.'))
  if (!database) return sendHtml(res, 503, noDatabasePage())
  const form = new URLSearchParams(body)
  // PostgreSQL's text can't hold a zero byte.
  const [name, message] = ['name', 'message'].map((field) => (form.get(field) ?? '').replaceAll('\0', '').trim())
  if (!name || !message || name.length > 80 || message.length > 1000) {
    return sendHtml(res, 422, errorPage('Please give a name of up to 80 letters and a message of up to 1,000.'))
  }
  await database.addEntry(name, message)
  res.writeHead(303, { Location: '/' }).end()
}

/** The body, or undefined when it is too long; then the rest is read away, so that the answer arrives. */
async function textOf(req) {
  let size = 0
  const chunks = []
  for await (const chunk of req) {
    size += chunk.length
    if (size <= bodyBytesMax) chunks.push(chunk)
  }
  return size > bodyBytesMax ? undefined : Buffer.concat(chunks).toString()
}

function sendHtml(res, status, html) {
  res.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(html)
}

function sendJson(res, status, value) {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  res.end(`${JSON.stringify(value)}\n`)
}

server.listen(process.env.PORT || 3000, () =>
  console.log(`Listening on port ${server.address().port}${database ? '' : ', without a database'}`),
)

process.once('SIGTERM', () => {
  console.log('Finishing what is open, then stopping')
  server.close(async () => {
    await database?.close()
    process.exit(0)
  })
  // A connection that answers its last request now becomes idle only after that.
  setInterval(() => server.closeIdleConnections(), 50)
})
