import { expect, test } from 'vitest'
import { readEnvText } from './env-text.js'

const read = (text: string) => Object.fromEntries(readEnvText(text).vars)

test('names and values are read with export, spaces, comments and Windows lines', () => {
  expect(read('# ours\r\nA=1\r\n\r\nexport B = two words # said\nC=\nURL=https://x.example/#top\n')).toEqual({
    A: '1',
    B: 'two words',
    C: '',
    URL: 'https://x.example/#top',
  })
})

test('quotes keep spaces, comments and lines; only double ones know escapes', () => {
  expect(read(`A="one\\ntwo # \\"x\\""\nB='as \\n is'\nC="-----BEGIN\nabc\nEND-----"\nD=after`)).toEqual({
    A: 'one\ntwo # "x"',
    B: 'as \\n is',
    C: '-----BEGIN\nabc\nEND-----',
    D: 'after',
  })
})

test('a quote that is never closed is a letter, and does not swallow what follows', () => {
  expect(read(`A="open\nB=2`)).toEqual({ A: '"open', B: '2' })
})

test('the later of two wins, and lines that say nothing are named', () => {
  expect(readEnvText('A=1\nhello there\nA=2\n=x')).toEqual({ vars: [['A', '2']], unread: [2, 4] })
})
