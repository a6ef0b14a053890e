import { expect, it } from 'vitest'
import { properties, table } from './table.js'

const columns = [
  { title: 'Name', value: (row: { name: string; n: number | null }) => row.name },
  { title: 'N', value: (row: { name: string; n: number | null }) => row.n, align: 'right' as const },
]

it('a table is aligned and has no trailing blanks', () => {
  const rows = [
    { name: 'web', n: 2 },
    { name: 'worker', n: 10 },
  ]
  expect(table(rows, columns)).toBe(['Name     N', '──────  ──', 'web      2', 'worker  10'].join('\n'))
})

it('a wide script and a combining mark take the columns that they take on a screen', () => {
  const rows = [
    { name: '日本', n: 1 },
    { name: 'e\u0301te', n: 2 },
  ]
  const [, , wide, combined] = table(rows, columns).split('\n')
  expect(wide).toBe('日本  1')
  expect(combined).toBe('e\u0301te   2')
})

it('text of others cannot break a row or move the cursor', () => {
  const out = table([{ name: 'a\u001b[2Jb\nc\td', n: null }], columns)
  expect(out.split('\n')[2]).toBe('a[2Jb c d')
  expect(out).not.toContain('\u001b')
})

it('properties leave out what is not there and keep several lines in their column', () => {
  const pairs = [
    ['URL', 'http://a'],
    ['Region', null],
    ['Add-ons', 'one\ntwo'],
  ] as const
  expect(properties(pairs)).toBe(['URL:     http://a', 'Add-ons: one', '         two'].join('\n'))
})

it('a table that the terminal is too narrow for is shown record by record, nothing cut', () => {
  const rows = [
    { name: 'a-long-name-of-an-app', n: 1 },
    { name: 'b', n: null },
  ]
  const wide = table(rows, columns)
  const width = Math.max(...wide.split('\n').map((line) => line.length))
  expect(table(rows, columns, undefined, width)).toBe(wide)
  expect(table(rows, columns, undefined, width - 1)).toBe('Name: a-long-name-of-an-app\nN:    1\n\nName: b')
})
