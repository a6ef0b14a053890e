import { expect, it } from 'vitest'
import { Failure } from './failure.js'
import { providerOptions, splitAtDashes } from './options.js'

it("a provider's options are read as the field's CLI sends them", () => {
  expect(providerOptions(['--foo=bar', '--baz', 'qux', '--flag', '--on=true', '--off=false'])).toEqual({
    foo: 'bar',
    baz: 'qux',
    flag: true,
    on: true,
    off: 'false',
  })
})

it('a value keeps its equals signs, its dashes and its line ends', () => {
  expect(providerOptions(['--url=postgres://a?b=c', '--n', '-5', '--text=a\nb', '--empty='])).toEqual({
    url: 'postgres://a?b=c',
    n: '-5',
    text: 'a\nb',
    empty: '',
  })
})

it('a later option wins', () => {
  expect(providerOptions(['--a=1', '--a=2'])).toEqual({ a: '2' })
})

it('a stray word is wrong usage, and says how to write it', () => {
  expect(() => providerOptions(['stray'])).toThrow(Failure)
  expect(() => providerOptions(['--'])).toThrow(/"--" is no option/)
})

it('only the first bare -- divides', () => {
  expect(splitAtDashes(['x', '--', '--a', '--', 'b'])).toEqual({ own: ['x'], provider: ['--a', '--', 'b'] })
  expect(splitAtDashes(['x'])).toEqual({ own: ['x'], provider: [] })
})
