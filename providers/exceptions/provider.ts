// An add-on from end to end: an account is an API key, apps POST /exceptions with it, and people read them on a page.
import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { isSame } from '@mortise/provider/authentic'
import { askedOfNode, BadRequest, readJson, send } from '@mortise/provider/http'
import { clientSecretFile, clientSecretFrom } from '@mortise/provider/push'
import { createProvider, fileStore, type Listening } from '@mortise/provider/serve'
import { openSettings, writePrivately } from '@mortise/provider/settings'
import { type Exception, openJournal } from './journal.js'
import { buildManifest, planNamed } from './manifest.js'
import { exceptionsPage, forbiddenPage, sendAsset, sendPage } from './page.js'

export interface ExceptionsOptions {
  dir: string
  /** Where the platform is, as it and people's browsers are reached from here. */
  platform: string
  /** By default the one of the first start. */
  port?: number
  /** Where the platform and apps reach us. By default http://127.0.0.1:<port>. */
  url?: string
  now?(): Date
}

/** How many are shown on the page. */
const shownMax = 100

/** Starts the service and leaves DIR/addon-manifest.json to be pushed. @throws Error when the port is taken */
export async function startExceptions(options: ExceptionsOptions): Promise<Listening & { manifest: object }> {
  const { dir, now = () => new Date() } = options
  const platform = new URL(options.platform).origin
  const settings = await openSettings(dir, options.port)
  const url = (options.url ?? `http://127.0.0.1:${settings.port}`).replace(/\/+$/, '')
  const manifest = buildManifest(settings, url)
  const store = fileStore(dir)
  const planOf = new Map((await store.list()).map(({ uuid, plan }) => [uuid, plan]))
  const journal = openJournal(join(dir, 'exceptions'), (uuid) => planNamed(planOf.get(uuid) ?? '').keptMax)
  const sentInHour = new Map<string, number>()

  const provider = createProvider({
    manifest,
    store,
    platform: { api: platform },
    clientSecret: clientSecretFrom(clientSecretFile(dir)),
    // Nothing has to be made: the key follows from the uuid, so a repeat gives the same account.
    async provision({ uuid, plan }) {
      planOf.set(uuid, plan)
      return { config: { EXCEPTIONS_URL: `${url}/exceptions`, EXCEPTIONS_API_KEY: keyOf(uuid) } }
    },
    async changePlan({ uuid }, plan) {
      planOf.set(uuid, plan)
      return { message: `It keeps ${planNamed(plan).keptMax} exceptions now.` }
    },
    async deprovision({ uuid }) {
      planOf.delete(uuid)
      journal.remove(uuid)
    },
    session: ({ resourceId }) => `/accounts/${resourceId}`,
  })
  const listening = await provider.listen(settings.port, '127.0.0.1', pages)
  writePrivately(join(dir, 'addon-manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return { ...listening, manifest }

  /** `<uuid>.<signature>`: says whose it is, and only we can have made it. */
  function keyOf(uuid: string): string {
    return `${uuid}.${createHmac('sha256', settings.key).update(`api key ${uuid}`).digest('base64url')}`
  }

  /** What is not the platform's. */
  async function pages(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const asked = askedOfNode(req, res)
    const { method, url } = asked
    if (url.pathname === '/exceptions' && method === 'POST') {
      const status = await take(asked.header('authorization'), () => readJson(asked)).catch((error) => {
        if (error instanceof BadRequest) return { status: error.status, body: { message: error.message } }
        throw error
      })
      send(res, status)
      return true
    }
    if (method !== 'GET') return false
    if (url.pathname === '/style.css') return sendAsset(res, 'style.css')
    const account = /^\/accounts\/([0-9a-f-]{36})$/.exec(url.pathname)?.[1]
    if (!account) return false
    const session = provider.sessionOf(req)
    const resource = session?.resourceId === account ? await store.get(account) : null
    if (!session || !resource || resource.state === 'removed') return sendPage(res, 403, platform, forbiddenPage())
    const exceptions = journal.newest(account, shownMax)
    return sendPage(res, 200, platform, exceptionsPage({ session, resource, exceptions, platform, now: now() }))
  }

  /** One report of an app: `{type, message, stack?}` with `Authorization: Bearer <key>`. */
  async function take(authorization: string | undefined, body: () => Promise<Record<string, unknown>>) {
    const key = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
    const account = key.split('.')[0] ?? ''
    if (!planOf.has(account) || !isSame(key, keyOf(account))) {
      return { status: 401, body: { message: 'Send the value of EXCEPTIONS_API_KEY as a Bearer token.' } }
    }
    const hour = `${account} ${now().toISOString().slice(0, 13)}`
    const sent = (sentInHour.get(hour) ?? 0) + 1
    const { hourlyMax } = planNamed(planOf.get(account) ?? '')
    if (sent > hourlyMax) return { status: 429, body: { message: `The plan takes ${hourlyMax} exceptions an hour.` } }
    if (!sentInHour.has(hour))
      for (const old of sentInHour.keys()) if (!old.endsWith(hour.slice(-13))) sentInHour.delete(old)
    sentInHour.set(hour, sent)
    journal.append(account, exceptionOf(await body(), now()))
    return { status: 201, body: {} }
  }
}

/** @throws BadRequest 422 when there is no message to keep */
function exceptionOf({ type, message, stack }: Record<string, unknown>, at: Date): Exception {
  if (typeof message !== 'string' || message === '') throw new BadRequest(422, '"message" is missing.')
  return {
    at: at.toISOString(),
    type: typeof type === 'string' && type ? type.slice(0, 200) : 'Error',
    message: message.slice(0, 2_000),
    stack: typeof stack === 'string' ? stack.slice(0, 20_000) : null,
  }
}
