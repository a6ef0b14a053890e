import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { browserTimes, executablePath } from './house.js'
import { layoutFaults } from './layout.js'

vi.setConfig(browserTimes)

// The look that every page is given must be able to see something.
describe.skipIf(!executablePath)('a look at the layout', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox', '--disable-gpu'],
    })
  })
  afterAll(() => browser?.close())

  async function faultsOf(body: string): Promise<string[]> {
    const page = await browser.newPage({ viewport: { width: 390, height: 600 } })
    await page.setContent(`<!doctype html><style>* { margin: 0 } p { font: 16px/20px monospace }</style>${body}`)
    try {
      return await layoutFaults(page)
    } finally {
      await page.close()
    }
  }

  test.each([
    ['a page wider than its window', '<div style="width: 500px">wide</div>', /110 px wider than its window/],
    [
      'text cut off',
      '<p style="width: 60px; overflow: hidden; white-space: nowrap">a long sentence</p>',
      /"a long sentence" is cut off/,
    ],
    [
      'text over text',
      '<p>first</p><p style="margin-top: -12px">second</p>',
      /"first" and "second" lie over each other/,
    ],
    [
      'a button over text',
      '<p>words</p><button style="display: block; margin-top: -20px">Go</button>',
      /"words" and "Go" lie over each other/,
    ],
  ])('finds %s', async (_, body, fault) => {
    expect((await faultsOf(body)).join()).toMatch(fault)
  })

  test.each([
    [
      'an ellipsis',
      '<p style="width: 60px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">a long sentence</p>',
    ],
    [
      'a table that scrolls',
      '<div style="width: 200px; overflow-x: auto"><p style="width: 600px">a long line of a table that scrolls</p></div>',
    ],
    [
      'words for screen readers alone',
      '<p>seen</p><p style="position: absolute; width: 1px; height: 1px; overflow: hidden">said</p>',
    ],
    [
      'a header that stays in place',
      '<p style="position: sticky; top: 0">header</p><p style="margin-top: -20px">below</p>',
    ],
  ])('lets %s be', async (_, body) => {
    expect(await faultsOf(body)).toEqual([])
  })
})
