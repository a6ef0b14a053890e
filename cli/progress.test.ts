import { expect, it } from 'vitest'
import { paintFor } from './paint.js'
import { startProgress } from './progress.js'

function output(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 40, write: (text: string) => written.push(text), written }
}

it('without a terminal progress is plain lines, and a repeated status is told once', () => {
  const out = output(false)
  const progress = startProgress('Creating x', out)
  progress.update('building')
  progress.update('building')
  progress.done('done, v2')
  progress.done('again')
  progress.failed()
  expect(out.written.join('')).toBe('Creating x...\nCreating x... building\nCreating x... done, v2\n')
})

it('on a terminal a line is replaced in place and never longer than the screen', () => {
  const out = output(true)
  const progress = startProgress('Creating something with a very long name on an app', out)
  progress.done()
  expect(out.written[0]!.replace('\r\u001b[K', '').length).toBeLessThan(40)
  expect(out.written.at(-1)).toMatch(/… done\n$/)
})

it('colours are for terminals, and NO_COLOR turns them off', () => {
  expect(paintFor({ isTTY: true }, {}).red('x')).toBe('\u001b[31mx\u001b[39m')
  expect(paintFor({ isTTY: true }, { NO_COLOR: '1' }).red('x')).toBe('x')
  expect(paintFor({ isTTY: true }, { TERM: 'dumb' }).red('x')).toBe('x')
  expect(paintFor({ isTTY: false }, {}).red('x')).toBe('x')
})
