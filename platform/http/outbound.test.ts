import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createOutbound, type Outbound, type OutboundOptions, type OutboundQuestion, type Resolve } from './outbound.js'

type Door = ReturnType<typeof createOutbound>

/** What the other side saw, and how it behaves. */
let seen: { method: string; url: string; host: string; body: string }[] = []
let behave: (request: http.IncomingMessage, response: http.ServerResponse) => void = (_, response) =>
  response.end('hello')
const server = http.createServer((request, response) => {
  let body = ''
  request.on('data', (part) => {
    body += part
  })
  request.on('end', () => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', host: request.headers.host ?? '', body })
    behave(request, response)
  })
})
let port = 0
const doors: Outbound[] = []

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  seen = []
  behave = (_, response) => response.end('hello')
  for (const door of doors.splice(0)) await door.close()
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function door(options: Partial<OutboundOptions> = {}): Door {
  const made = createOutbound({ loopbackAllowed: true, ...options })
  doors.push(made)
  return made
}

const ask = (how: Outbound, url: string, more: Partial<OutboundQuestion> = {}) =>
  how.send({ method: 'POST', url, body: '{"a":1}', timeoutMs: 5_000, answerBytesMax: 1_000, ...more })
const here = (path = '/') => `http://127.0.0.1:${port}${path}`

/** A name server of our own, which may lie. */
const answering =
  (...answers: string[]): Resolve =>
  async () => {
    const address = answers.length > 1 ? (answers.shift() as string) : (answers[0] as string)
    return [{ address, family: net.isIP(address) }]
  }

describe('an answer', () => {
  test('comes with status, headers and body, whatever the status', async () => {
    behave = (_, response) => response.writeHead(422, { 'X-One': ['a', 'b'] }).end('{"message":"no"}')
    expect(await ask(door(), here('/heroku/resources'))).toMatchObject({
      got: 'answer',
      status: 422,
      headers: { 'x-one': 'a, b' },
      body: '{"message":"no"}',
      cut: false,
    })
    expect(seen).toEqual([{ method: 'POST', url: '/heroku/resources', host: `127.0.0.1:${port}`, body: '{"a":1}' }])
  })

  test('is cut when it is longer than we read, without a fault', async () => {
    behave = (_, response) => response.end('x'.repeat(200_000))
    const answer = await ask(door(), here())
    expect(answer).toMatchObject({ got: 'answer', status: 200, cut: true })
    expect(answer.got === 'answer' && answer.body.length).toBeLessThanOrEqual(1_000)
  })

  test('that never ends is cut too', async () => {
    behave = (_, response) => {
      const more = setInterval(() => response.write('x'.repeat(1_000)), 5)
      response.on('close', () => clearInterval(more))
    }
    expect(await ask(door(), here())).toMatchObject({ got: 'answer', cut: true })
  })

  test('that redirects is an answer, and nobody goes there', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      seen = []
      behave = (_, response) => response.writeHead(status, { Location: here('/elsewhere') }).end()
      expect(await ask(door(), here('/start'))).toMatchObject({ got: 'answer', status })
      expect(seen.map(({ url }) => url)).toEqual(['/start'])
    }
  })
})

describe('nothing was sent', () => {
  test.each([
    'http://10.0.0.1/',
    'http://192.168.0.1:8080/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::10.0.0.1]/',
    'http://0.0.0.0/',
    'http://0/',
    'http://167772161/',
    'http://0xa000001/',
    'http://012.0.0.1/',
    'http://10.1/',
    'http://\u2460\u24ea.0.0.1/',
    'https://user:pass@10.0.0.1/',
  ])('to %s, an address inside', async (url) => {
    expect(await ask(door(), url)).toMatchObject({ got: 'not sent' })
  })

  test.each([
    'http://127.0.0.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://017700000001',
    'http://127.1',
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
  ])('to %s, this machine, unless it is at home', async (url) => {
    const public_ = door({ loopbackAllowed: false })
    expect(await ask(public_, `${url}:${port}/`)).toMatchObject({ got: 'not sent' })
    expect(await ask(public_, `${url.replace('http:', 'https:')}:${port}/`)).toMatchObject({ got: 'not sent' })
    expect(seen).toEqual([])
  })

  test.each(['ftp://example.com/', 'file:///etc/passwd', 'unix:/var/run/x.sock', 'javascript:1', 'nonsense', ''])(
    'to "%s", which is no address of the web',
    async (url) => {
      expect(await ask(door(), url)).toMatchObject({ got: 'not sent' })
    },
  )

  test('over plain http, unless it is at home', async () => {
    const answer = await ask(door({ loopbackAllowed: false, resolve: answering('8.8.8.8') }), 'http://example.com/')
    expect(answer).toEqual({ got: 'not sent', reason: 'its address must be https' })
  })

  test.each(['10.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', 'fe80::1', '::'])(
    'to a name that leads to %s',
    async (address) => {
      const answer = await ask(door({ resolve: answering(address) }), `http://provider.example:${port}/`)
      expect(answer).toEqual({ got: 'not sent', reason: 'its host leads to an address that is not allowed' })
    },
  )

  test('to a name that leads to this machine, unless it is at home', async () => {
    const url = `https://provider.example:${port}/`
    expect(await ask(door({ loopbackAllowed: false, resolve: answering('127.0.0.1') }), url)).toMatchObject({
      got: 'not sent',
    })
    expect(await ask(door({ resolve: answering('127.0.0.1') }), url.replace('https', 'http'))).toMatchObject({
      got: 'answer',
    })
  })

  test('to a name that nobody knows', async () => {
    const unknown: Resolve = async () => {
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
    }
    expect(await ask(door({ resolve: unknown }), 'http://provider.example/')).toEqual({
      got: 'not sent',
      reason: 'ENOTFOUND',
    })
  })

  test('when the connection is refused', async () => {
    const other = net.createServer()
    await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready))
    const free = (other.address() as AddressInfo).port
    await new Promise((closed) => other.close(closed))
    expect(await ask(door(), `http://127.0.0.1:${free}/`)).toEqual({ got: 'not sent', reason: 'ECONNREFUSED' })
    // By a name too, which may stand for several addresses that are tried one after the other.
    const both: Resolve = async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]
    expect(await ask(door({ resolve: both }), `http://provider.example:${free}/`)).toMatchObject({ got: 'not sent' })
  })

  test('when the other side does not speak TLS', async () => {
    const answer = await ask(door(), `https://127.0.0.1:${port}/`)
    expect(answer).toMatchObject({ got: 'not sent' })
    expect(seen).toEqual([])
  })
})

describe('the checked address', () => {
  test('is the one that is connected to: a name is asked once, and a second answer changes nothing', async () => {
    let asked = 0
    const turning: Resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]
    const answer = await ask(door({ resolve: turning }), `http://provider.example:${port}/`)
    expect(answer).toMatchObject({ got: 'answer', status: 200 })
    expect(asked).toBe(1)
    expect(seen[0]?.host).toBe(`provider.example:${port}`)
  })

  test('is checked anew for each question', async () => {
    const how = door({ resolve: answering('127.0.0.1', '10.0.0.1') })
    expect(await ask(how, `http://provider.example:${port}/`)).toMatchObject({ got: 'answer' })
    expect(await ask(how, `http://provider.example:${port}/`)).toMatchObject({ got: 'not sent' })
  })

  test('of several, only allowed ones are used', async () => {
    const mixed: Resolve = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    expect(await ask(door({ resolve: mixed }), `http://provider.example:${port}/`)).toMatchObject({ got: 'answer' })
  })

  test('of a host that the operator lists may be anywhere', async () => {
    const listed = door({ loopbackAllowed: false, hostsAllowed: ['Provider.example'], resolve: answering('127.0.0.1') })
    expect(await ask(listed, `http://provider.example:${port}/`)).toMatchObject({ got: 'answer' })
    expect(await ask(listed, `https://other.example:${port}/`)).toMatchObject({ got: 'not sent' })
  })
})

describe('silence: something was written, and no whole answer came', () => {
  test('when no answer comes in time', async () => {
    behave = () => undefined
    expect(await ask(door(), here(), { timeoutMs: 200 })).toEqual({ got: 'silence', reason: 'no answer within 0.2 s' })
    expect(seen).toHaveLength(1)
  })

  test('when an answer begins and does not end in time', async () => {
    behave = (_, response) => void response.write('{"id":')
    expect(await ask(door(), here(), { timeoutMs: 200 })).toMatchObject({ got: 'silence' })
  })

  test('when the connection breaks after the question was written', async () => {
    behave = (request) => void request.socket.resetAndDestroy()
    expect(await ask(door(), here())).toMatchObject({ got: 'silence' })
    behave = (request) => void request.socket.end()
    expect(await ask(door(), here())).toMatchObject({ got: 'silence' })
  })

  test('when the connection breaks in the middle of the answer', async () => {
    behave = (request, response) => {
      response.writeHead(201, { 'Content-Length': '100' }).write('{"id":')
      setTimeout(() => request.socket.resetAndDestroy(), 20)
    }
    expect(await ask(door(), here())).toMatchObject({ got: 'silence' })
  })

  test('when the answer is no HTTP', async () => {
    behave = (request) => void request.socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    expect(await ask(door(), here())).toMatchObject({ got: 'silence' })
  })

  test('a question that broke is not sent again by itself', async () => {
    behave = (request) => void request.socket.resetAndDestroy()
    await ask(door(), here(), { method: 'GET', body: undefined })
    await ask(door(), here(), { method: 'PUT' })
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'PUT'])
  })
})

describe('a download', () => {
  test('streams what is there, and says in a sentence why not', async () => {
    const how = door()
    behave = (_, response) => response.end('the archive')
    const found = await how.download(here('/app.tgz'), 5_000)
    let text = ''
    if (found.got === 'stream') for await (const part of found.body) text += part
    expect(text).toBe('the archive')
    behave = (_, response) => response.writeHead(302, { Location: 'http://10.0.0.1/' }).end()
    expect(await how.download(here(), 5_000)).toMatchObject({
      got: 'refused',
      reason: expect.stringContaining('redirect'),
    })
    behave = (_, response) => response.writeHead(404).end('x'.repeat(100_000))
    expect(await how.download(here(), 5_000)).toEqual({ got: 'refused', reason: '127.0.0.1 answered with status 404' })
    expect(await how.download('http://10.0.0.1/', 5_000)).toMatchObject({ got: 'refused' })
    const inside = door({ resolve: answering('10.0.0.1') })
    expect(await inside.download('http://provider.example/', 5_000)).toEqual({
      got: 'refused',
      reason: 'provider.example leads to an address that is not allowed',
    })
  })
})
