import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'

export interface FirstPaint {
  /** First Contentful Paint from the navigation on, in a browser that has nothing yet: the soonest, as noise only adds. */
  ms: number
  /** The same of a page with the same text and style and no script, handed out from memory. */
  staticMs: number
  /** What was to be read while the scripts were held back. */
  text: string
  bytes: number
}

/** Looks at each page so many times, by turns, so that what else the machine does meets both. */
const looks = 5

/**
 * How soon something is to be seen at an address, with its scripts held back for good: what is painted does not need them.
 * Milliseconds say something of the machine that they were measured on; their ratio says something of the page.
 */
export async function firstPaint(browser: Browser, url: string): Promise<FirstPaint> {
  const html = await (await fetch(url)).text()
  // But for the one that chooses the theme, which stands before the paint on purpose.
  const scripts = [...html.matchAll(/"(\/assets\/(?!theme-)[^"]+\.js)"/g)].map(([, path = '']) => path)
  if (scripts.length === 0) throw new Error(`${url} has no scripts, so nothing is shown by holding them back`)
  const plain = await servePlain(html.replace(/<script\b[^>]*>[\s\S]*?<\/script>/g, ''), new URL(url).origin)
  try {
    const taken = { page: [] as number[], plain: [] as number[] }
    let text = ''
    for (let look = 0; look < looks; look++) {
      const seen = await paintOf(browser, url, scripts)
      text = seen.text
      taken.page.push(seen.ms)
      taken.plain.push((await paintOf(browser, plain.url, [])).ms)
    }
    return { ms: Math.min(...taken.page), staticMs: Math.min(...taken.plain), text, bytes: Buffer.byteLength(html) }
  } finally {
    await plain.stop()
  }
}

// In the page: resolves with the time of the first paint that shows text or a picture.
const paint = `new Promise((done) => new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') done(entry.startTime)
}).observe({ type: 'paint', buffered: true }))`

async function paintOf(browser: Browser, url: string, held: readonly string[]): Promise<{ ms: number; text: string }> {
  // A context of its own has nothing in its cache.
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  try {
    const page = await context.newPage()
    // By the debugger, and only those: what goes through here otherwise would wait for this process. Nobody lets them on.
    const debug = await context.newCDPSession(page)
    if (held.length) await debug.send('Fetch.enable', { patterns: held.map((path) => ({ urlPattern: `*${path}` })) })
    await page.goto(url, { waitUntil: 'commit' })
    const ms = (await page.evaluate(paint)) as number
    return { ms, text: await page.locator('body').innerText() }
  } finally {
    await context.close()
  }
}

/** One page from memory, and what it links to from where it came from, asked for once. */
async function servePlain(html: string, origin: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const kept = new Map<string, { type: string; body: Buffer }>()
  kept.set('/', { type: 'text/html; charset=utf-8', body: Buffer.from(html) })
  for (const [, path = ''] of html.matchAll(/<link\b[^>]*href="(\/[^"]+)"/g)) {
    const answer = await fetch(origin + path)
    const type = answer.headers.get('content-type') ?? ''
    kept.set(path, { type, body: Buffer.from(await answer.arrayBuffer()) })
  }
  const server = createServer((request, response) => {
    const found = kept.get(request.url ?? '')
    if (found) response.writeHead(200, { 'content-type': found.type }).end(found.body)
    else response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
