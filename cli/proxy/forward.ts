import http, { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { errorStatus } from '@mortise/contract/errors'
import { silence } from '../api.js'
import { attachSecrets, mayHoldAddresses, withLocalAddresses } from './rewrite.js'

export interface Forwarding {
  /** Origin of the installation. */
  remote: string
  /** Where clients reach the proxy, `localhost:5056`. */
  local: string
  /** Told of each one-off that a client is about to attach to, and whether it has a terminal. */
  onAttach(secret: string, terminal: boolean): void
}

// Source: RFC 9110, section 7.6.1; they speak of one connection only.
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
/** Larger answers pass as they are: none of those with addresses in them comes near. */
const rewrittenBytesMax = 8 * 1024 * 1024
/** A request for a one-off: its command and environment. */
const dynoBytesMax = 1024 * 1024

/** Hands one request on to the installation and its answer back, as they come; nothing is kept in between. */
export function forward(forwarding: Forwarding, req: IncomingMessage, res: ServerResponse): void {
  if (wantsPage(req)) {
    // Pages live at the installation itself: there people are signed in, and its cookies count there only.
    res.writeHead(302, { location: forwarding.remote + req.url, 'cache-control': 'no-store' }).end()
    return
  }
  const makesDyno = req.method === 'POST' && /^\/apps\/[^/]+\/dynos$/.test(req.url ?? '')
  const hasAddresses = mayHoldAddresses(req.url ?? '')
  const asked = ask(forwarding.remote, req, hasAddresses)
  const fail = (error: Error) => answerSilence(forwarding.remote, res, error)
  asked.once('error', fail)
  res.once('close', () => asked.destroy())
  let sent = Buffer.alloc(0)
  if (makesDyno) {
    req.on('data', (chunk: Buffer) => {
      if (sent.length < dynoBytesMax) sent = Buffer.concat([sent, chunk])
    })
  }
  asked.once('response', (answer) => {
    answer.once('error', () => res.destroy())
    const isJson = /json/.test(answer.headers['content-type'] ?? '')
    if (!hasAddresses || !isJson || !answer.statusCode || answer.statusCode >= 300) {
      res.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers, forwarding))
      // Events and logs are for now, not for when a buffer is full.
      res.flushHeaders()
      answer.pipe(res)
      return
    }
    collect(answer, rewrittenBytesMax).then((body) => {
      const text = body.toString()
      if (makesDyno) for (const secret of attachSecrets(text)) forwarding.onAttach(secret, hasTerminal(sent))
      const { 'content-length': _, ...headers } = endToEnd(answer.headers, forwarding)
      const local = withLocalAddresses(text, forwarding.remote, forwarding.local)
      res.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': Buffer.byteLength(local) }).end(local)
    }, fail)
  })
  req.pipe(asked)
}

/** Joins a client that asks for another protocol (WebSocket) with the installation. */
export function forwardUpgrade(forwarding: Forwarding, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const asked = ask(forwarding.remote, req, false, { connection: 'upgrade', upgrade: req.headers.upgrade })
  socket.once('error', () => asked.destroy())
  asked.once('error', () => socket.destroy())
  const say = (answer: IncomingMessage) => {
    const lines = answer.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : []))
    socket.write(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n${lines.join('\r\n')}\r\n\r\n`)
  }
  asked.once('response', (answer) => {
    say(answer)
    answer.pipe(socket)
  })
  asked.once('upgrade', (answer, other, first) => {
    say(answer)
    other.once('error', () => socket.destroy())
    socket.once('close', () => other.destroy())
    other.once('close', () => socket.destroy())
    if (first.length) other.unshift(first)
    if (head.length) other.write(head)
    other.pipe(socket)
    socket.pipe(other)
  })
  asked.end()
}

/** A fresh connection each: a kept one that the other side just closed would lose what can't be sent twice. */
function ask(remote: string, req: IncomingMessage, plain: boolean, more: OutgoingHttpHeaders = {}) {
  const url = new URL(req.url?.startsWith('/') ? remote + req.url : remote)
  // What stands before the installation should say so itself; where it doesn't, its answers would name http addresses.
  const scheme = { 'x-forwarded-proto': url.protocol.slice(0, -1) }
  const headers: OutgoingHttpHeaders = { ...endToEnd(req.headers), ...scheme, ...more, host: url.host }
  // Node would not mark the end of a body whose length nobody told, where a method has none as a rule.
  if (req.headers['transfer-encoding']) headers['transfer-encoding'] = 'chunked'
  // What will be read here must not come packed.
  if (plain) delete headers['accept-encoding']
  return (url.protocol === 'https:' ? https : http).request(url, { method: req.method, headers, agent: false })
}

function endToEnd(headers: IncomingMessage['headers'], forwarding?: Forwarding): OutgoingHttpHeaders {
  const named = String(headers.connection ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
  const kept = Object.entries(headers).filter(([name]) => !hopByHop.includes(name) && !named.includes(name))
  const passed: OutgoingHttpHeaders = Object.fromEntries(kept)
  const { location } = headers
  if (forwarding && location?.startsWith(`${forwarding.remote}/`)) {
    passed['location'] = `http://${forwarding.local}${location.slice(forwarding.remote.length)}`
  }
  return passed
}

/** A browser on its way to a page, not a program. */
const wantsPage = ({ method, headers }: IncomingMessage) =>
  method === 'GET' && /(^|,)\s*text\/html/.test(headers.accept ?? '') && headers['sec-fetch-mode'] !== 'cors'

function hasTerminal(body: Buffer): boolean {
  try {
    return (JSON.parse(body.toString()) as { force_no_tty?: unknown }).force_no_tty !== true
  } catch {
    return true
  }
}

async function collect(answer: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** No answer came: told in the API's own form, so that clients show the sentence. */
function answerSilence(remote: string, res: ServerResponse, error: Error): void {
  if (res.headersSent) return void res.destroy()
  const { message } = silence(remote, error, false)
  const body = JSON.stringify({ id: 'bad_gateway', message })
  res.writeHead(errorStatus.bad_gateway, { 'content-type': 'application/json' }).end(body)
}
