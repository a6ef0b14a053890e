import { expect, test } from 'vitest'
import { createLogs, formatLine, type LogLine } from './logs.js'
import { splitLines } from './split.js'

const write = (logs: ReturnType<typeof createLogs>, text: string, more: Partial<LogLine> = {}) =>
  logs.write('a', { source: 'app', dyno: 'web.1', text, ...more })

test('a line reads as it does on Heroku', () => {
  const at = new Date('2026-11-23T22:43:15.123Z')
  expect(formatLine({ seq: 1, at, source: 'app', dyno: 'web.1', text: 'hi' })).toBe(
    '2026-11-23T22:43:15.123000+00:00 app[web.1]: hi',
  )
})

test('the newest lines are kept and older ones dropped', () => {
  const logs = createLogs({ linesMax: 3 })
  for (let i = 1; i <= 10; i++) write(logs, `${i}`)
  expect(logs.recent('a', {}, 100).map(({ text }) => text)).toEqual(['8', '9', '10'])
  expect(logs.recent('a', {}, 2).map(({ text }) => text)).toEqual(['9', '10'])
  expect(logs.recent('another')).toEqual([])
})

test('lines can be chosen by source, dyno, process type and place', () => {
  const logs = createLogs()
  write(logs, 'one')
  write(logs, 'two', { dyno: 'worker.1' })
  write(logs, 'three', { source: 'heroku', dyno: 'router' })
  const texts = (filter: Parameters<typeof logs.recent>[1]) => logs.recent('a', filter).map(({ text }) => text)
  expect(texts({ source: 'heroku' })).toEqual(['three'])
  expect(texts({ dyno: 'worker' })).toEqual(['two'])
  expect(texts({ dyno: 'web.1' })).toEqual(['one'])
  expect(texts({ afterSeq: 1 })).toEqual(['two', 'three'])
})

test('a follower hears new lines that pass until it stops or the app is forgotten', () => {
  const logs = createLogs()
  const heard: string[] = []
  const stop = logs.follow('a', { dyno: 'web' }, ({ text }) => heard.push(text))
  write(logs, 'one')
  write(logs, 'two', { dyno: 'worker.1' })
  stop()
  stop()
  write(logs, 'three')
  logs.follow('a', undefined, ({ text }) => heard.push(text))
  logs.forget('a')
  write(logs, 'four')
  expect(heard).toEqual(['one'])
})

test('bytes become lines, whole characters and bounded length', () => {
  const lines: string[] = []
  const splitter = splitLines((text) => lines.push(text), 5)
  const euro = Buffer.from('€\r\nab')
  splitter.write(euro.subarray(0, 2))
  splitter.write(euro.subarray(2))
  splitter.write(Buffer.from('c\n\n1234567890abc'))
  expect(lines).toEqual(['€', 'abc', '', '12345', '67890'])
  splitter.end()
  expect(lines.at(-1)).toBe('abc')
})
