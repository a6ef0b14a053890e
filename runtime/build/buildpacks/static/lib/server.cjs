// Serves a folder of files. Only GET and HEAD; no names that begin with a dot; nothing outside of the folder.
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')

const home = path.dirname(__dirname)
const root = fs.realpathSync(path.join(home, fs.readFileSync(path.join(__dirname, 'root'), 'utf8')))
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.pdf': 'application/pdf',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.mp3': 'audio/mpeg',
}

const server = http.createServer((req, res) => {
  if (req.method !== 'GET' && req.method !== 'HEAD')
    return answer(res, 405, 'Only GET and HEAD are answered here.\n', { Allow: 'GET, HEAD' })
  let name
  try {
    name = decodeURIComponent(req.url.split('?')[0])
  } catch {
    return answer(res, 400, "That address can't be read.\n")
  }
  const file = fileOf(name)
  if (file === 'folder') return answer(res, 301, '', { Location: `${encodeURI(name).replace(/^\/+/, '/')}/` })
  if (file) return send(req, res, file, 200)
  const missing = fileOf('/404.html')
  if (missing) return send(req, res, missing, 404)
  return answer(res, 404, 'There is no such page.\n')
})

/** The file an address means; 'folder' for one that has an index.html but was asked for without its slash. */
function fileOf(name) {
  if (name.includes('\0') || name.includes('\\')) return
  const parts = name.split('/').filter(Boolean)
  if (parts.some((part) => part.startsWith('.') && part !== '.well-known')) return
  try {
    const file = fs.realpathSync(path.join(root, ...parts))
    if (file !== root && !file.startsWith(root + path.sep)) return
    if (fs.statSync(file).isFile()) return file
    const index = path.join(file, 'index.html')
    if (!fs.statSync(index).isFile()) return
    return name.endsWith('/') ? index : 'folder'
  } catch {
    return undefined
  }
}

// The files of a slug don't change, so neither do their tags.
const tags = new Map()

function send(req, res, file, status) {
  let tag = tags.get(file)
  if (!tag) {
    tag = `"${createHash('sha1').update(fs.readFileSync(file)).digest('base64url')}"`
    tags.set(file, tag)
  }
  const headers = {
    'Content-Type': types[path.extname(file).toLowerCase()] ?? 'application/octet-stream',
    ETag: tag,
    'X-Content-Type-Options': 'nosniff',
  }
  if (status === 200 && req.headers['if-none-match'] === tag) return res.writeHead(304, headers).end()
  res.writeHead(status, { ...headers, 'Content-Length': fs.statSync(file).size })
  if (req.method === 'HEAD') return res.end()
  fs.createReadStream(file)
    .on('error', () => res.destroy())
    .pipe(res)
}

function answer(res, status, text, headers = {}) {
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }).end(text)
}

server.listen(process.env.PORT, () => console.log(`Serving on port ${process.env.PORT}`))
process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
