import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'
import type { Plan, AddonService as Service } from '@mortise/contract/platform-api/catalog'
import type { Shelf } from '../catalog/shelf.js'
import { tagOf } from '../http/etag.js'

const gzip = promisify(gzipCallback)

/** What web/ builds for us: draws a page of the marketplace from what everybody may see. */
interface Painter {
  paint(
    url: string,
    origin: string,
    catalog: {
      services(): Promise<Service[]>
      service(name: string): Promise<Service | undefined>
      plans(name: string): Promise<Plan[] | undefined>
    },
  ): Promise<{ status: 200 | 404; head: string; body: string }>
}

export interface Drawn {
  status: 200 | 404
  html: string
  packed: Buffer
  tag: string
}

export type FirstPaint = (url: string, origin: string) => Promise<Drawn>

/** Pages that are kept until the catalog changes; the oldest goes when there are more. Some 40 kB each. */
const keptMax = 200

/**
 * The marketplace as HTML, which shows before any script has come and without one. A page is drawn once and kept until the
 * catalog's stamp is another; then everything is drawn anew.
 */
export function createFirstPaint(web: string, shelf: Shelf): FirstPaint {
  let painter: Promise<Painter> | undefined
  let stamp: string | undefined
  let services: Promise<Service[]> | undefined
  const kept = new Map<string, Promise<Drawn>>()

  return async (url, origin) => {
    const now = await shelf.stamp()
    if (now !== stamp) {
      stamp = now
      services = undefined
      kept.clear()
    }
    const key = `${origin} ${url}`
    const known = kept.get(key)
    if (known) return known
    painter ??= import(pathToFileURL(path.join(web, 'first-paint', 'paint.mjs')).href)
    services ??= shelf.services(null)
    const drawing = draw(web, await painter, { url, origin, services, shelf })
    kept.set(key, drawing)
    const [oldest] = kept.keys()
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest)
    const drawn = await drawing.catch((error) => {
      kept.delete(key)
      services = undefined
      throw error
    })
    // Anybody can think up names that are not there.
    if (drawn.status === 404) kept.delete(key)
    return drawn
  }
}

interface Asked {
  url: string
  origin: string
  services: Promise<Service[]>
  shelf: Shelf
}

async function draw(web: string, { paint }: Painter, { url, origin, services, shelf }: Asked): Promise<Drawn> {
  const { status, head, body } = await paint(url, origin, {
    services: () => services,
    service: (name) => shelf.service(name, null),
    plans: (name) => shelf.plans(name, null),
  })
  const page = fs.readFileSync(path.join(web, 'index.html'), 'utf8')
  const chunk = /^\/marketplace\/?(\?|$)/.test(url) ? 'marketplace/catalog.tsx' : 'marketplace/service.tsx'
  // Not replaced by text: what a provider wrote may hold `$&`.
  const html = page
    .replace(/<!--head-->[\s\S]*<!--\/head-->/, () => head + preloads(web, page, chunk))
    .replace(/<!--body-->[\s\S]*<!--\/body-->/, () => body)
  return { status, html, packed: await gzip(html), tag: tagOf(html) }
}

type Chunks = Record<string, { file: string; imports?: string[] }>

/** The code of this page beside that of all pages, so that it does not come as a second wave. */
function preloads(web: string, page: string, name: string): string {
  const chunks: Chunks = JSON.parse(fs.readFileSync(path.join(web, 'manifest.json'), 'utf8'))
  const files = new Set<string>()
  const add = (key: string) => {
    const chunk = chunks[key]
    if (!chunk || files.has(chunk.file)) return
    files.add(chunk.file)
    for (const one of chunk.imports ?? []) add(one)
  }
  add(name)
  return [...files]
    .filter((file) => !page.includes(`/${file}"`))
    .map((file) => `<link rel="modulepreload" crossorigin href="/${file}">`)
    .join('')
}
