import { expect, test } from 'vitest'
import { compareFeatures } from './features.js'

test('lines that differ in one amount are one row, what is simply there is a tick', () => {
  expect(
    compareFeatures([
      { features: ['512 MB of storage', '20 connections'] },
      { features: ['64 GB of storage', '120 connections', 'Daily backups'] },
    ]),
  ).toEqual([
    { label: 'Storage', cells: ['512 MB', '64 GB'] },
    { label: 'Connections', cells: ['20', '120'] },
    { label: 'Daily backups', cells: [null, true] },
  ])
})

test('the same amount everywhere stays one line with ticks, and one is one of many', () => {
  expect(compareFeatures([{ features: ['1 day of logs'] }, { features: ['7 days of logs'] }])).toEqual([
    { label: 'Day of logs', cells: ['1', '7'] },
  ])
  expect(compareFeatures([{ features: ['24 hours'] }, { features: ['24 hours'] }])).toEqual([
    { label: '24 hours', cells: [true, true] },
  ])
})

test('no line is lost: two of one plan that look alike are two rows', () => {
  const rows = compareFeatures([{ features: ['2 nodes', '3 nodes'] }, {}])
  expect(rows.map((row) => row.cells[0])).toEqual([true, true])
  expect(rows.map((row) => row.label)).toEqual(['2 nodes', '3 nodes'])
})
