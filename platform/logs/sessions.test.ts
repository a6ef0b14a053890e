import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'
import { sessionMsMax } from './session.js'

// What a log session's address gives, as Server-Sent Events over a real connection.
let house: House<'ann' | 'bob'>
let port: number
let appId: string
beforeAll(async () => {
  house = await testHouse(['ann', 'bob'])
  await house.server.listen({ port: 0, host: '127.0.0.1' })
  port = (house.server.server.address() as AddressInfo).port
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  house.server.server.closeAllConnections()
  await house.end()
})

let apps = 0
/** An app of ann's own for one test, with these lines in its log. */
async function app(...lines: [source: 'app' | 'heroku', dyno: string, text: string][]): Promise<string> {
  const name = `app-${++apps}`
  const { body } = await house.ask('ann', 'POST', '/apps', { name })
  appId = body.id
  house.logs.forget(appId)
  for (const line of lines) write(...line)
  return name
}
const write = (source: 'app' | 'heroku', dyno: string, text: string) => house.logs.write(appId, { source, dyno, text })

async function session(name: string, options: object = {}): Promise<string> {
  const { status, body, text } = await house.ask('ann', 'POST', `/apps/${name}/log-sessions`, options)
  expect([status, text]).toEqual([201, text])
  return new URL(body.logplex_url).pathname
}

interface Read {
  status: number
  type: string
  /** `id text`, as far as they came. */
  lines: { id: number; text: string }[]
  ended: Promise<void>
  close(): void
}

function read(path: string, headers: Record<string, string> = {}): Promise<Read> {
  return new Promise((done, fail) => {
    http
      .get({ port, host: '127.0.0.1', path, headers: { host: 'localhost:5055', ...headers } }, (answer) => {
        const lines: Read['lines'] = []
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => {
          text += part
          const events = text.split('\n\n')
          text = events.pop() ?? ''
          for (const event of events) {
            const [, id, said] = /^id: (\d+)\ndata: (.*)$/.exec(event) ?? []
            if (id) lines.push({ id: Number(id), text: said?.replace(/^\S+ /, '') ?? '' })
          }
        })
        const ended = new Promise<void>((end) => void answer.on('close', end).on('error', () => undefined))
        const type = String(answer.headers['content-type'])
        done({ status: answer.statusCode ?? 0, type, lines, ended, close: () => answer.destroy() })
      })
      .on('error', fail)
  })
}

/** All lines of a session that does not follow. */
async function whole(path: string, headers: Record<string, string> = {}) {
  const got = await read(path, headers)
  await got.ended
  return got.lines.map(({ text }) => text)
}

test('without tail: the newest lines, oldest first, and the end', async () => {
  const name = await app(['app', 'web.1', 'one'], ['app', 'web.1', 'two'], ['heroku', 'router', 'three'])
  const first = await read(await session(name))
  await first.ended
  expect([first.status, first.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
  expect(first.lines.map(({ text }) => text)).toEqual(['app[web.1]: one', 'app[web.1]: two', 'heroku[router]: three'])
  expect(await whole(await session(name, { lines: 2 }))).toEqual(['app[web.1]: two', 'heroku[router]: three'])
  expect(await whole(await session(name, { lines: 0 }))).toEqual([])
})

test('an address can be read twice, and a line with breaks in it is one event', async () => {
  const name = await app(['app', 'web.1', 'a\r\n\r\nid: 99\ndata: forged'])
  const path = await session(name)
  for (let time = 0; time < 2; time++) expect(await whole(path)).toEqual(['app[web.1]: a id: 99 data: forged'])
})

test.each([
  [{ dyno: 'web.1' }, ['1', '2']],
  [{ dyno: 'web' }, ['1', '2', '3']],
  [{ dyno_name: 'web.2' }, ['3']],
  [{ type: 'worker' }, ['4']],
  [{ source: 'heroku' }, ['2', '5']],
  [{ source: 'app' }, ['1', '3', '4']],
  [{ source: 'heroku', dyno: 'web.1' }, ['2']],
  [{ source: 'app', dyno: 'router' }, []],
  // What a client leaves empty says nothing.
  [{ source: '', dyno: '' }, ['1', '2', '3', '4', '5']],
])('%j chooses the lines that fit', async (filter, wanted) => {
  const name = await app(
    ['app', 'web.1', '1'],
    ['heroku', 'web.1', '2'],
    ['app', 'web.2', '3'],
    ['app', 'worker.1', '4'],
    ['heroku', 'router', '5'],
    ['app', 'website.1', '6'],
  )
  const got = (await whole(await session(name, filter))).map((line) => line.split(': ')[1])
  const isAll = JSON.stringify(filter) === '{"source":"app"}' || JSON.stringify(filter).includes('""')
  expect(got.filter((one) => one !== '6')).toEqual(wanted)
  expect(got.includes('6')).toBe(isAll)
})

test('with tail: what was, then what comes, by the same filter', async () => {
  const name = await app(['app', 'web.1', 'old'])
  const tail = await read(await session(name, { tail: true, dyno: 'web', lines: 5 }))
  await expect.poll(() => tail.lines.length).toBe(1)
  write('app', 'worker.1', 'not for this one')
  write('app', 'web.2', 'new')
  await expect.poll(() => tail.lines.map(({ text }) => text)).toEqual(['app[web.1]: old', 'app[web.2]: new'])
  tail.close()
})

test('a client that comes back with Last-Event-ID misses nothing and gets nothing twice', async () => {
  const name = await app(['app', 'web.1', '1'], ['app', 'web.1', '2'])
  const path = await session(name, { tail: true, lines: 1 })
  const first = await read(path)
  await expect.poll(() => first.lines.length).toBe(1)
  const seen = first.lines.at(-1)?.id ?? 0
  first.close()
  // More than the session's own number of lines is written while it is away.
  for (const text of ['3', '4', '5']) write('app', 'web.1', text)
  const again = await read(path, { 'last-event-id': String(seen) })
  await expect.poll(() => again.lines.length).toBe(3)
  write('app', 'web.1', '6')
  await expect.poll(() => again.lines.map(({ text }) => text.split(': ')[1])).toEqual(['3', '4', '5', '6'])
  expect(again.lines.map(({ id }) => id)).toEqual([...again.lines.map(({ id }) => id)].sort((a, b) => a - b))
  again.close()
  // What is no number says nothing.
  const odd = await read(path, { 'last-event-id': 'x' })
  await expect.poll(() => odd.lines.map(({ text }) => text)).toEqual(['app[web.1]: 6'])
  odd.close()
})

test('an address is good for five minutes, an unknown one never, and HEAD reads nothing', async () => {
  const name = await app(['app', 'web.1', 'x'])
  const path = await session(name)
  expect((await read('/logs/nobody-knows')).status).toBe(404)
  const head = await house.server.inject({ method: 'HEAD', url: path })
  expect([head.statusCode, head.body]).toEqual([200, ''])
  house.clock.aheadMs += sessionMsMax - 5_000
  expect(await whole(path)).toHaveLength(1)
  house.clock.aheadMs += 6_000
  const late = await read(path)
  expect(late.status).toBe(404)
})

test('nobody else opens one, and an app that is gone has none', async () => {
  const name = await app(['app', 'web.1', 'x'])
  expect((await house.ask('bob', 'POST', `/apps/${name}/log-sessions`, {})).status).toBe(404)
  const path = await session(name)
  await house.ask('ann', 'DELETE', `/apps/${name}`)
  expect((await read(path)).status).toBe(404)
})
