import { expect, it } from 'vitest'
import { colouredText, plainText } from './plain-text.js'

it('no escape sequence of others reaches a terminal', () => {
  const hostile = 'a\u001b]52;c;ZXZpbA==\u0007b\u001b[2Jc\u009b1md\rsecret\u0000'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be left.
  const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
  expect(plainText(hostile)).not.toMatch(control)
  expect(colouredText(hostile)).not.toMatch(control)
})

it("an app's own colours stay in its log, and only there", () => {
  expect(colouredText('\u001b[31mred\u001b[0m\u001b[2J')).toBe('\u001b[31mred\u001b[0m[2J')
  expect(plainText('\u001b[31mred\u001b[0m')).toBe('red')
})

it('lines and tabs stay, Windows line ends become plain ones', () => {
  expect(plainText('a\tb\r\nc')).toBe('a\tb\nc')
})
