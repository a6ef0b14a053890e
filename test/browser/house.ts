import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { freePort } from '../server-process.js'
import { layoutFaults } from './layout.js'

/** What a person at a browser, the real platform and a real provider take. Each file sets it: what a module sets when it is first read holds for one. */
export const browserTimes = { testTimeout: 90_000, hookTimeout: 120_000 }

const root = fileURLToPath(new URL('../..', import.meta.url))
const pictures = path.join(root, 'screenshots')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (file) => file && existsSync(file),
)
export const who = { email: 'operator@example.com', password: 'a-password-for-the-browser' }
const apiKey = 'browser-test-key-0123456789'

export interface Answer<Body = unknown> {
  status: number
  body: Body
}

export interface BrowserHouse {
  baseUrl: string
  browser: Browser
  context: BrowserContext
  page: Page
  /** Calls the API with the operator's key, as any other client would. Throws nothing; look at the status. */
  ask: <Body = unknown>(method: string, path: string, body?: unknown) => Promise<Answer<Body>>
  /**
   * Holds a page to what every page owes: in both themes at two widths nothing cut off, nothing over something else, nothing that
   * keeps somebody with a screen reader out. Leaves pictures in `screenshots/`.
   */
  holdsUp: (page: Page, name: string) => Promise<void>
  /** The same for many pages in little time: what hurts somebody with a screen reader is looked for in one of the four only. */
  looksRight: (page: Page, name: string, at: Look) => Promise<void>
  stop: () => Promise<void>
}

/** One of the four in which a page is looked at. */
export interface Look {
  theme: 'light' | 'dark'
  width: 1280 | 390
}

const looks: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  ([1280, 390] as const).map((width) => ({ theme, width })),
)

/** Starts a platform with nothing in it but its operator, `mortise-postgresql` beside it unless told otherwise, and a browser. */
export async function browserHouse({ withPostgresql = true } = {}): Promise<BrowserHouse> {
  const dir = mkdtempSync(path.join(tmpdir(), 'mortise-browser-'))
  const children: ChildProcess[] = []
  let browser: Browser | undefined
  const stop = async () => {
    await browser?.close()
    await Promise.all(children.reverse().map(end))
    rmSync(dir, { recursive: true, force: true })
  }
  chmodSync(dir, 0o711)
  mkdirSync(pictures, { recursive: true })
  try {
    const server = ['bin/mortise', 'server', '--port', '0', '--data-dir', path.join(dir, 'platform')]
    const baseUrl = await start(children, server, /ready at (\S+)/)
    if (withPostgresql) await addPostgresql(children, path.join(dir, 'provider'), baseUrl)
    browser = await chromium.launch({
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    })
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    return { baseUrl, browser, context, page: await context.newPage(), ask: asker(baseUrl), holdsUp, looksRight, stop }
  } catch (error) {
    // Whoever gets no house can't end what was started for it.
    await stop()
    throw error
  }
}

function asker(baseUrl: string): BrowserHouse['ask'] {
  return async <Body>(method: string, at: string, body?: unknown) => {
    const answer = await fetch(baseUrl + at, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        accept: 'application/vnd.heroku+json; version=3',
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: (text && JSON.parse(text)) as Body }
  }
}

/** Ends a program that was started here. May be repeated. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  await gone
}

async function addPostgresql(children: ChildProcess[], dir: string, baseUrl: string): Promise<void> {
  const provider = [
    'providers/postgresql/dist/main.js',
    '--data-dir',
    dir,
    '--platform',
    baseUrl,
    '--port',
    String(await freePort()),
  ]
  await start(children, provider, /ready at (\S+)/)
  const push = spawn(process.execPath, [...provider, '--push'], {
    cwd: root,
    env: { ...process.env, MORTISE_API_KEY: apiKey },
  })
  expect(await new Promise((done) => push.once('exit', done))).toBe(0)
}

/** Starts one of our own programs and waits for the line that says it is ready. */
async function start(children: ChildProcess[], args: string[], ready: RegExp): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      MORTISE_EMAIL: who.email,
      MORTISE_PASSWORD: who.password,
      MORTISE_API_KEY: apiKey,
    },
  })
  children.push(child)
  let said = ''
  return new Promise((resolve, reject) => {
    const take = (part: Buffer) => {
      said += part
      const found = ready.exec(said)
      if (found) resolve(found[1] ?? '')
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.once('exit', (code) => reject(new Error(`${args.at(0)} ended with ${code}: ${said}`)))
  })
}

async function holdsUp(of: Page, name: string): Promise<void> {
  for (const look of looks) {
    await show(of, look)
    await of.waitForTimeout(150)
    await of.screenshot({ path: fileOf(name, look), fullPage: true })
    await isWellLaidOut(of, name, look)
    await isAccessible(of, name, look)
  }
  await of.emulateMedia({ colorScheme: 'light' })
  await of.setViewportSize({ width: 1280, height: 900 })
}

async function looksRight(of: Page, name: string, at: Look): Promise<void> {
  for (const look of looks) {
    await show(of, look)
    await quickPicture(of, name, look)
    await isWellLaidOut(of, name, look)
    if (look.theme === at.theme && look.width === at.width) await isAccessible(of, name, look)
  }
}

async function show(of: Page, { theme, width }: Look): Promise<void> {
  await of.emulateMedia({ colorScheme: theme })
  await of.setViewportSize({ width, height: 900 })
  // A picture of the whole page shows what sticks to the window's edge where the window was.
  await of.evaluate('scrollTo(0, 0)')
}

const fileOf = (name: string, { theme, width }: Look) => path.join(pictures, `${name}-${theme}-${width}.png`)

/** The whole page as it is at that moment, in two thirds of the time: bigger files, and nothing waits for what moves. */
async function quickPicture(of: Page, name: string, look: Look): Promise<void> {
  const door = await of.context().newCDPSession(of)
  const { cssContentSize } = await door.send('Page.getLayoutMetrics')
  const clip = { ...cssContentSize, x: 0, y: 0, scale: 1 }
  const how = { format: 'png', captureBeyondViewport: true, optimizeForSpeed: true, clip } as const
  const { data } = await door.send('Page.captureScreenshot', how)
  writeFileSync(fileOf(name, look), Buffer.from(data, 'base64'))
  await door.detach()
}

async function isWellLaidOut(of: Page, name: string, { width }: Look): Promise<void> {
  expect(await layoutFaults(of), `${name} at ${width}`).toEqual([])
}

async function isAccessible(of: Page, name: string, { theme, width }: Look): Promise<void> {
  // Through the debugger's door: the page's own policy lets no script in, and should not.
  const found = (await of.evaluate(
    `${axe}; axe.run().then(({ violations }) => violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html).join(' ')))`,
  )) as string[]
  expect(found, `${name}, ${theme}, ${width}`).toEqual([])
}
