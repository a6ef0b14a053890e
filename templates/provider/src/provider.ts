// Fast DB as an add-on: `PUT` and `GET` on FAST_DB_URL/<key>. Each add-on is a shelf of its own.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createProvider, fileStore } from '@mortise/provider/serve'
import { shelfPage } from './page.js'
import { openShelves } from './shelves.js'

export interface Settings {
  /** What is pushed to the platform, with its secrets. */
  manifest: unknown
  dataDir: string
  /** Where apps reach this service. */
  publicUrl: string
  /** Where the platform is. */
  platform: string
  /** The service's OAuth secret, for calls to the platform; null as long as there is none. */
  clientSecret: () => Promise<string | null>
}

/** The largest value that is taken, in characters. */
const valueCharsMax = 64 * 1024

export function createFastDb({ manifest, dataDir, publicUrl, platform, clientSecret }: Settings) {
  const shelves = openShelves(join(dataDir, 'shelves'))

  const provider = createProvider({
    manifest,
    platform: { api: platform },
    clientSecret,
    store: fileStore(dataDir),

    // The SDK answers repeats by itself. After a crash this may be called again with the same uuid.
    async provision({ uuid, plan }) {
      const { secret } = shelves.make(uuid)
      return { config: { FAST_DB_URL: `${publicUrl}/shelves/${uuid}/${secret}` }, message: `A ${plan} shelf is ready.` }
    },
    // Throw `new Refused('why')` when it can't be done: the customer reads your words.
    async changePlan(_resource, plan) {
      return { message: `The plan is ${plan} now.` }
    },
    async deprovision({ uuid }) {
      shelves.remove(uuid)
    },
    session: ({ resourceId }) => `/dashboard/${resourceId}`,
  })

  /** What is not the platform's: the page behind single sign-on, and the service itself. */
  async function pages(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const [, area = '', uuid = '', secret = '', key = ''] = (req.url ?? '').split('?')[0]!.split('/')
    if (area === 'health') return end(res, 200, 'ok')
    if (area === 'dashboard') {
      const session = provider.sessionOf(req)
      const shelf = session?.resourceId === uuid ? shelves.find(uuid) : null
      if (!session || !shelf) return end(res, 403, 'Open this page from your app: choose the add-on there.')
      res.setHeader('content-type', 'text/html; charset=utf-8')
      return end(res, 200, shelfPage(session, shelf, platform))
    }
    const shelf = area === 'shelves' ? shelves.find(uuid) : null
    if (!shelf || shelf.secret !== secret || !key) return false
    if (req.method !== 'PUT') return end(res, Object.hasOwn(shelf.values, key) ? 200 : 404, shelf.values[key] ?? '')
    let value = ''
    for await (const part of req) {
      value += part
      if (value.length > valueCharsMax) return end(res, 413, 'Too long.')
    }
    shelves.put(uuid, shelf, key, value)
    return end(res, 204, '')
  }

  return { provider, pages }
}

function end(res: ServerResponse, status: number, text: string): true {
  res.writeHead(status, { 'cache-control': 'no-store' }).end(text)
  return true
}
