// Fast DB: a tiny key-value service as an add-on. `PUT` and `GET` on FAST_DB_URL/<key>; one shelf for each add-on.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createProvider } from '@mortise/provider/serve'

const { ADDON_MANIFEST = 'addon-manifest.json', PORT = '4567', PLATFORM = 'http://localhost:5055' } = process.env
const url = `http://127.0.0.1:${PORT}`
const shelves = new Map<string, { secret: string; values: Map<string, string> }>()

export const provider = createProvider({
  manifest: JSON.parse(readFileSync(ADDON_MANIFEST, 'utf8')),
  platform: { api: PLATFORM },
  clientSecret: process.env.CLIENT_SECRET,

  async provision({ uuid, plan }) {
    const shelf = shelves.get(uuid) ?? { secret: randomBytes(16).toString('hex'), values: new Map() }
    shelves.set(uuid, shelf)
    return { config: { FAST_DB_URL: `${url}/${uuid}/${shelf.secret}` }, message: `A ${plan} shelf is ready.` }
  },
  async changePlan() {
    return { message: 'Nothing had to move.' }
  },
  async deprovision({ uuid }) {
    shelves.delete(uuid)
  },
  session: ({ resourceId }) => `/dashboard/${resourceId}`,
})

export async function pages(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const [, first = '', second = '', key = ''] = (req.url ?? '').split('/')
  const shelf = shelves.get(first === 'dashboard' ? second : first)
  if (first === 'dashboard') {
    const session = provider.sessionOf(req)
    const isAllowed = shelf && session?.resourceId === second
    return !!res
      .writeHead(isAllowed ? 200 : 403)
      .end(isAllowed ? `${session.app}: ${shelf.values.size} keys` : 'Forbidden')
  }
  if (!shelf || shelf.secret !== second) return false
  if (req.method === 'PUT') shelf.values.set(key, (await req.toArray()).join(''))
  return !!res.end(shelf.values.get(key) ?? '')
}

if (process.argv[1] === import.meta.filename) await provider.listen(Number(PORT), '127.0.0.1', pages)
