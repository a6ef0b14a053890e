import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request and what became of it, as they passed. */
export interface Passed {
  method: string
  /** Path and query. */
  path: string
  sent: string
  /** Null when nobody answered. */
  status: number | null
  received: string
  ms: number
  /** What was done to it on its way, for whoever reads along. */
  remark: string | null
}

/** How a network or a platform may treat one request; each counts for the next one that is matched, then no more. */
export interface Mischief {
  /** Sends it a second time as soon as the first was answered; the first answer goes back. */
  repeat?: boolean
  /** Milliseconds before it is handed on. */
  delayMs?: number
  /** Hands it on, and cuts the connection instead of bringing the answer back. */
  lose?: boolean
}

export interface Tap {
  /** Where to ask instead of the target; without a slash at the end. */
  url: string
  /** The mischief for the next matching request; merged with what is set already. */
  next(mischief: Mischief): void
  close(): Promise<void>
}

export interface TapOptions {
  /** Origin that everything is handed on to. A function is asked each time. */
  target: () => string
  /** Which requests mischief is for. */
  isMatched?(method: string, path: string): boolean
  /** Changes a request's body on its way. */
  rewrite?(body: string): string
  onPassed(passed: Passed): void
}

/** Bytes of a body that pass; a page of a provider may be larger than anything on the wire. */
const bodyBytesMax = 8 * 1024 * 1024
/** As long as the platform waits for a provider, and a little. */
const answerMs = 30_000

/** Listens on loopback, hands on whatever comes, and tells of it. Bodies are read whole: nothing here is for large ones. */
export async function startTap(options: TapOptions): Promise<Tap> {
  let mischief: Mischief = {}
  const server = http.createServer((req, res) => {
    pass(req, res).catch(() => res.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    next(more) {
      mischief = { ...mischief, ...more }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = req
    const isMatched = options.isMatched?.(method, path) ?? false
    const { delayMs = 0, lose = false, repeat = false } = isMatched ? mischief : {}
    if (isMatched) mischief = {}
    const raw = await bodyOf(req)
    const body = options.rewrite ? Buffer.from(options.rewrite(raw.toString())) : raw
    if (delayMs) await new Promise((done) => setTimeout(done, delayMs))
    const first = await send(req, body)
    const remarks = [
      delayMs ? `held back for ${delayMs / 1000} s` : '',
      lose ? 'the answer was lost on its way back' : '',
    ]
    tell(first, remarks.filter(Boolean).join('; ') || null)
    if (repeat) {
      const second = await send(req, body)
      const isSame = second.status === first.status && second.body?.equals(first.body ?? Buffer.alloc(0))
      tell(second, isSame ? 'sent again: the same answer' : 'sent again: ANOTHER ANSWER')
    }
    if (lose || first.status === null) return void res.destroy()
    res.writeHead(first.status, headersBack(first.headers))
    res.end(first.body)

    function tell(answer: Answer, remark: string | null): void {
      const { status, ms } = answer
      const received = answer.body?.toString() ?? answer.reason
      options.onPassed({ method, path, sent: body.toString(), status, received, ms, remark })
    }
  }

  function send(req: IncomingMessage, body: Buffer): Promise<Answer> {
    const target = new URL(req.url ?? '/', options.target())
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = req.headers
    if (body.length || headers['content-length'] !== undefined) headers['content-length'] = String(body.length)
    const startedAt = performance.now()
    const ended = () => Math.round(performance.now() - startedAt)
    return new Promise((resolve) => {
      const asked = http.request(target, { method: req.method, headers, agent: false, timeout: answerMs })
      const fail = (error: Error) => {
        resolve({ status: null, headers: {}, body: null, reason: error.message, ms: ended() })
      }
      asked.once('timeout', () => asked.destroy(new Error('no answer within 30 s')))
      asked.once('error', fail)
      asked.once('response', (answer) => {
        bodyOf(answer).then((whole) => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: whole, reason: '', ms: ended() })
        }, fail)
      })
      asked.end(body)
    })
  }

  /** A page that sends people on to the provider's own address would leave the tap. */
  function headersBack({ connection: _, 'transfer-encoding': __, ...headers }: IncomingHttpHeaders) {
    const { location } = headers
    return location ? { ...headers, location: location.replace(options.target(), url) } : headers
  }
}

interface Answer {
  status: number | null
  headers: IncomingHttpHeaders
  body: Buffer | null
  /** Why there is none. */
  reason: string
  ms: number
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > bodyBytesMax) throw new Error('the body is longer than 8 MB')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
