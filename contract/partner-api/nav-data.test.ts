import { expect, test } from 'vitest'
import { decodeNavData, encodeNavData } from './nav-data.js'

const data = {
  addon: 'Fast Dätabase',
  appname: 'example-app',
  addons: [{ slug: 'fast-db', name: 'fast-db-curved-12345', current: true }],
}

test('nav-data survives the way through a cookie', () => {
  const text = encodeNavData(data)
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
  expect(decodeNavData(text)).toEqual(data)
})

test('a made-up cookie is no nav-data and no crash', () => {
  for (const text of ['', '%', 'e30', Buffer.from('[1]').toString('base64url'), 'null', encodeNavData(data).slice(5)]) {
    expect(decodeNavData(text), text).toBeNull()
  }
})
