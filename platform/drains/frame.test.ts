import type { LogLine } from '@mortise/runtime/logs/logs'
import { expect, test } from 'vitest'
import { createBuffer, frameBytesMax } from './buffer.js'
import { frameOf, lossFrame } from './frame.js'

const at = new Date('2012-11-30T06:45:29.000Z')
const line = (more: Partial<LogLine> = {}): LogLine => ({
  seq: 1,
  at,
  source: 'app',
  dyno: 'web.3',
  text: 'State changed from starting to up',
  ...more,
})
const token = 'd.01234567-89ab-cdef-0123-456789abcdef'

test('a frame over https is what receivers of Heroku read: counted octets, no structured data, one dash', () => {
  const message = '<190>1 2012-11-30T06:45:29.000000+00:00 host app web.3 - State changed from starting to up\n'
  expect(frameOf(line(), 'https', token)).toBe(`${message.length} ${message}`)
})

test('over TCP the host is the token, and two dashes stand before the text', () => {
  expect(frameOf(line(), 'tcp', token)).toContain(` ${token} app web.3 - - State changed`)
})

test('who speaks decides the priority', () => {
  const priority = (more: Partial<LogLine>) => /<(\d+)>/.exec(frameOf(line(more), 'https', token))?.[1]
  expect(priority({})).toBe('190')
  expect(priority({ source: 'heroku', dyno: 'router' })).toBe('158')
  expect(priority({ source: 'heroku' })).toBe('45')
  expect(priority({ dyno: 'api' })).toBe('45')
  expect(priority({ dyno: 'fast-db', isAddon: true })).toBe('134')
})

test('octets are counted, not characters, and a line break makes no second message', () => {
  const frame = frameOf(line({ text: 'grün\n<190>1 forged' }), 'https', token)
  const [length] = frame.split(' ')
  expect(Buffer.byteLength(frame)).toBe(Number(length) + (length?.length ?? 0) + 1)
  expect(frame.match(/\n/g)).toHaveLength(1)
})

test('a full buffer loses its oldest lines and says how many, and since when, before the rest', () => {
  const buffer = createBuffer(3)
  for (let n = 1; n <= 5; n++) buffer.push(line({ seq: n, text: `line ${n}`, at: new Date(at.getTime() + n) }))
  expect(buffer.size).toBe(3)
  const frame = buffer.take(
    (one) => frameOf(one, 'https', token),
    (count, since) => lossFrame(count, since, at, 'https', token),
  )
  expect(frame).toMatchObject({ count: 4, lost: 2, lines: { length: 3 } })
  expect(frame?.text).toMatch(
    /^\d+ <172>1 \S+ host heroku logplex - Error L10 \(output buffer overflow\): 2 messages dropped since 2012-11-30T06:45:29\+00:00\.\n/,
  )
  expect(frame?.text).toMatch(/line 3\n.*line 4\n.*line 5\n$/s)
  expect(frame?.text).not.toMatch(/line 2/)
})

test('a frame holds about 100 kB, and a line that is longer by itself still goes', () => {
  const buffer = createBuffer()
  for (let n = 0; n < 30; n++) buffer.push(line({ text: 'x'.repeat(9_000) }))
  const take = () =>
    buffer.take(
      (one) => frameOf(one, 'https', token),
      () => '',
    )
  expect(take()?.count).toBe(11)
  const one = createBuffer()
  one.push(line({ text: 'x'.repeat(frameBytesMax * 2) }))
  expect(
    one.take(
      (each) => frameOf(each, 'https', token),
      () => '',
    )?.count,
  ).toBe(1)
})

test('what could not be delivered is told as lost, together with what was lost before', () => {
  const buffer = createBuffer(2)
  for (let n = 1; n <= 3; n++) buffer.push(line({ text: `${n}` }))
  const take = () =>
    buffer.take(
      () => 'x',
      (count) => `lost ${count} `,
    )
  const frame = take()
  expect(frame?.text).toBe('lost 1 xx')
  if (frame) buffer.lose(frame)
  expect(take()).toBeNull()
  buffer.push(line())
  expect(take()?.text).toBe('lost 3 x')
})

test('what was never sent waits again in its place, and the oldest of it goes when there is too much', () => {
  const buffer = createBuffer(3)
  const take = () =>
    buffer.take(
      ({ text }) => `${text} `,
      (count) => `lost ${count} `,
    )
  for (const text of ['1', '2', '3']) buffer.push(line({ text }))
  const frame = take()
  buffer.push(line({ text: '4' }))
  if (frame) buffer.restore(frame)
  expect(take()?.text).toBe('lost 1 2 3 4 ')
})
