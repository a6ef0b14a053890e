import net, { type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bytes, drips, head, type Play, pours, whole } from '../../test/raw-provider.js'
import { type TestWebhooks, testWebhooks } from './test-webhooks.js'
import { answerBytesMax } from './webhook.js'

// Receivers that answer what no HTTP library would: bounded in time and memory, told to whoever looks at the delivery.
const mega = 1024 * 1024
/** What may be kept of 400 MB that somebody pours. */
const growthBytesMax = 120 * mega
/** The receiver's 400 ms, and a busy machine. */
const attemptMsMax = 8_000

let world: TestWebhooks
let receiver: net.Server
let url: string
let elsewhere: net.Server
let visits = 0
let play: Play
const open = new Set<Socket>()

const listening = async (server: net.Server) => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  world = await testWebhooks()
  receiver = net.createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    // The whole of it is read first, so that what breaks is the answer.
    let text = ''
    socket.on('data', function heard(part) {
      text += part.toString()
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.POSITIVE_INFINITY)
      if (text.length < text.indexOf('\r\n\r\n') + 4 + length) return
      socket.off('data', heard).resume()
      play(socket)
    })
  })
  url = await listening(receiver)
  elsewhere = net.createServer((socket) => {
    visits++
    socket.destroy()
  })
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  receiver.close()
  elsewhere.close()
  await world.close()
})

const noise = Buffer.from([0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xff, 0xfe, 0x68, 0x69])
const timeout = { code: null, error_class: 'timeout' }
const broken = { code: null, error_class: 'broken' }
const taken = { code: 200, error_class: null }
const cases: [string, () => Play | Promise<Play>, { code: number | null; error_class: string | null }][] = [
  ['400 MB that say 200', () => pours(200, 400 * mega), taken],
  ['400 MB that say 500', () => pours(500, 400 * mega), { code: 500, error_class: 'http_status' }],
  ['a zip bomb', () => whole(200, gzipSync(Buffer.alloc(64 * mega)), 'content-encoding: gzip'), taken],
  [
    'a redirect to this machine',
    async () => whole(307, '', `location: ${await listening(elsewhere)}/secret`),
    { code: 307, error_class: 'redirect' },
  ],
  [
    'a redirect to the metadata of a cloud',
    () => whole(302, '', 'location: http://169.254.169.254/latest/'),
    { code: 302, error_class: 'redirect' },
  ],
  ['headers, a byte now and then', () => drips('HTTP/1.1 200 OK\r\nx: '), timeout],
  ['a body, a byte now and then', () => drips(head(200, 'content-length: 100000')), timeout],
  ['"in a moment", for ever', () => drips('HTTP/1.1 102 Processing\r\n\r\n'.repeat(2_000)), broken],
  ['nothing at all', () => () => undefined, timeout],
  ['headers of 1 MB', () => bytes(head(200, `x: ${'y'.repeat(mega)}`)), broken],
  ['ten thousand headers', () => bytes(head(200, ...Array.from({ length: 10_000 }, (_, n) => `x-${n}: y`))), broken],
  ['something that is no HTTP', () => bytes('220 mail.example.com ESMTP\r\n'), broken],
  ['half an answer', () => bytes(`${head(200, 'content-length: 1000')}half`), broken],
  ['bytes that are no text', () => whole(410, noise), { code: 410, error_class: 'http_status' }],
  ['a retry-after of a year', () => whole(503, '', 'retry-after: 31536000'), { code: 503, error_class: 'http_status' }],
]

let made = 0
it.each(cases)('%s: bounded, on record, and the next one is served', async (_, playOf, wanted) => {
  play = await playOf()
  const app = await world.app(`hostile-${++made}`)
  await world.webhook(app.name, { url, level: 'sync' })
  const quiet = await world.app(`quiet-${made}`)
  await world.webhook(quiet.name)
  const before = process.memoryUsage().rss
  for (const one of [app, quiet]) await world.event(one.id, one.id)
  await world.publish()
  const from = performance.now()
  expect(await world.deliver()).toBe(2)
  expect(performance.now() - from).toBeLessThan(attemptMsMax)
  expect(process.memoryUsage().rss - before).toBeLessThan(growthBytesMax)
  const [delivery] = await world.deliveries(app.name)
  expect(delivery?.last_attempt).toMatchObject(wanted)
  expect(delivery?.status).toBe(wanted.error_class === null ? 'succeeded' : 'retrying')
  // An hour at most, whatever it asks for.
  if (delivery?.next_attempt_at)
    expect(Date.parse(delivery.next_attempt_at) - world.world.now().getTime()).toBeLessThanOrEqual(3_600_000)
  const { rows } = await world.pool.query('select answer from webhook_attempts where delivery_id = $1', [delivery?.id])
  expect(Buffer.byteLength(rows[0].answer ?? '')).toBeLessThanOrEqual(answerBytesMax)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
  expect(rows[0].answer ?? '').not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/)
  expect((await world.deliveries(quiet.name)).map(({ status }) => status)).toEqual(['succeeded'])
  expect(visits).toBe(0)
  await world.pool.query('delete from webhooks')
})
