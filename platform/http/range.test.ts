import { WireError } from '@mortise/contract/errors'
import { expect, test } from 'vitest'
import { pageOf, pageSizeDefault, pageSizeMax, readRange } from './range.js'

const releases = ['version', 'id']
const addons = ['id', 'name', 'created_at']
const five = [1, 2, 3, 4, 5].map((version) => ({ version, id: `id-${version}` }))
const versions = (header: string | undefined, list: readonly unknown[] = five) =>
  pageOf(list, readRange(header, releases)).items.map((item) => (item as { version: number }).version)

/** Spellings recorded from real clients. Source: platform-api, "Lists/Range". */
test.each([
  ['version ..; max=1, order=desc', { field: 'version', max: 1, descending: true }],
  ['version ..; order=desc,max=1', { field: 'version', max: 1, descending: true }],
  ['version ..; max=1,order=desc', { field: 'version', max: 1, descending: true }],
  ['version ..; max=15, order=desc;', { field: 'version', max: 15, descending: true }],
  ['id ..; max=1000;', { field: 'id', max: 1000, descending: false }],
  ['id ..; max=1000', { field: 'id', max: 1000, descending: false }],
  ['id ]01234567-89ab-4def-8012-3456789abcde..; max=2', { field: 'id', max: 2, startIsOpen: true }],
  ['version 2..4[', { field: 'version', start: '2', end: '4', endIsOpen: true }],
  ['version ..', { field: 'version', max: pageSizeDefault }],
  ['version', { field: 'version', max: pageSizeDefault }],
  ['version; max=3', { field: 'version', max: 3 }],
  ['version  ..  ;  max = 3 , order = asc', { field: 'version', max: 3, descending: false }],
  ['', { field: 'version', max: pageSizeDefault, descending: false }],
  ['bytes=0-', { field: 'version', max: pageSizeDefault }],
])('"%s" is understood', (header, range) => {
  expect(readRange(header, releases)).toMatchObject(range)
})

test('no header is the default page in the default order', () => {
  expect(readRange(undefined, addons)).toMatchObject({ field: 'id', start: null, end: null, max: pageSizeDefault })
})

test('a field that a list has no order for is ignored together with its bounds, since some clients always send one', () => {
  const range = readRange('seq ]7..9; order=desc,max=1000', releases)
  expect(range).toMatchObject({ field: 'version', start: null, end: null, max: 1000, descending: true })
})

test('a page is never larger than the API allows', () => {
  expect(readRange('id ..; max=99999', addons).max).toBe(pageSizeMax)
})

test.each([
  'id ..; max=0',
  'id ..; max=-1',
  'id ..; max=many',
  'id ..; max=1.5',
  'id ..; order=up',
  'id ..; size=3',
  '..',
  '; max=1',
  'id a b..',
])('"%s" is 416 with the right spelling', (header) => {
  let error: unknown
  try {
    readRange(header, addons)
  } catch (found) {
    error = found
  }
  expect(error).toBeInstanceOf(WireError)
  expect(error).toMatchObject({ status: 416, id: 'requested_range_not_satisfiable' })
  expect((error as Error).message).toContain('id ..; max=200')
})

test('a header from a stranger comes back short', () => {
  expect(() => readRange(`id ${'x '.repeat(5000)}`, addons)).toThrow(/^.{0,200}$/)
})

test('bounds are inside unless a bracket says otherwise', () => {
  expect(versions('version 2..4')).toEqual([2, 3, 4])
  expect(versions('version ]2..4')).toEqual([3, 4])
  expect(versions('version 2..4[')).toEqual([2, 3])
  expect(versions('version ]2..4[')).toEqual([3])
  expect(versions('version 4..2')).toEqual([])
  expect(versions('version 4..2; order=desc')).toEqual([4, 3, 2])
})

test('numbers are ordered as numbers', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ version: index + 1 }))
  expect(versions('version ..; order=desc, max=3', many)).toEqual([12, 11, 10])
  expect(versions('version ]9..', many)).toEqual([10, 11, 12])
})

test('following Next-Range shows everything once, in both directions, and ends', () => {
  for (const order of ['asc', 'desc']) {
    const seen: number[] = []
    let header: string | null = `version ..; max=2, order=${order}`
    for (let pages = 0; header !== null; pages++) {
      expect(pages).toBeLessThan(4)
      const page = pageOf(five, readRange(header, releases))
      seen.push(...page.items.map((item) => (item as { version: number }).version))
      header = page.nextRange
    }
    expect(seen).toEqual(order === 'asc' ? [1, 2, 3, 4, 5] : [5, 4, 3, 2, 1])
  }
})

test('following Next-Range loses nothing when several things were made in the same second', () => {
  const same = '2026-01-02T03:04:05Z'
  const list = ['c', 'a', 'e', 'b', 'd'].map((id) => ({ id, created_at: id === 'e' ? '2026-01-02T03:04:06Z' : same }))
  for (const order of ['asc', 'desc']) {
    const seen: string[] = []
    let header: string | null = `created_at ..; max=2, order=${order}`
    for (let pages = 0; header !== null; pages++) {
      expect(pages).toBeLessThan(6)
      const page = pageOf(list, readRange(header, addons))
      seen.push(...page.items.map((item) => (item as { id: string }).id))
      header = page.nextRange
    }
    expect([...seen].sort(), order).toEqual(['a', 'b', 'c', 'd', 'e'])
  }
})

test('the last page says so by silence', () => {
  expect(pageOf(five, readRange('version ..; max=5', releases)).nextRange).toBeNull()
  expect(pageOf([], readRange(undefined, releases))).toEqual({ items: [], contentRange: null, nextRange: null })
})

test('an end that was asked for holds on every page', () => {
  const page = pageOf(five, readRange('version 1..4[; max=2', releases))
  expect(page.nextRange).toBe('version ]2..4[; max=2')
  expect(versions(page.nextRange ?? '')).toEqual([3])
})

test('Content-Range names the first and the last', () => {
  const page = pageOf(five, readRange('version ]1..; max=2', releases))
  expect(page.contentRange).toBe('version 2..3; max=2')
  expect(page.nextRange).toBe('version ]3..; max=2')
})
