import { expect, it } from 'vitest'
import { linesOf } from './output.js'

it('takes colours, NULs and progress bars out of an output, and keeps its newest lines', () => {
  expect(linesOf('\u001b[1;32m-----> Node\u001b[0m\n\u0000\n10 %\r50 %\r100 %\r\ndone')).toEqual([
    '-----> Node',
    '',
    '100 %',
    'done',
  ])
  expect(linesOf('a\n'.repeat(5_000))).toHaveLength(3_000)
  expect(linesOf('')).toEqual([])
})
