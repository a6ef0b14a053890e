import { expect, it } from 'vitest'
import { readLine } from './log-line.js'

it('reads a line of a log, without what would colour a terminal', () => {
  expect(readLine('7', '2026-01-02T03:04:05.678901+00:00 app[web.1]: \u001b[31mhello: [x]\u001b[0m')).toEqual({
    id: '7',
    at: '2026-01-02T03:04:05.678901+00:00',
    source: 'app',
    dyno: 'web.1',
    text: 'hello: [x]',
  })
  expect(readLine('8', '2026-01-02T03:04:05+00:00 heroku[router]: at=info').source).toBe('platform')
  expect(readLine('9', 'not a line')).toMatchObject({ source: 'other', dyno: '', text: 'not a line' })
})
