import { readFileSync } from 'node:fs'
import { WireError } from '@mortise/contract/errors'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ssoLink } from '../addons/view.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import { html, pageCssPath, sendPage } from '../http/page.js'
import { originOf } from '../http/server.js'
import { readExtra } from './extra.js'
import { type Opening, openAddon, type SsoDeps } from './open.js'
import { addonTarget, attachmentTarget, oldTarget, type Target } from './target.js'

export interface SsoPageDeps extends SsoDeps {
  authenticate(request: FastifyRequest): Promise<Asker | null>
}

type FindTarget = (db: Db, asker: Asker, app: string, identity: string, at: Date) => Promise<Target>

const scriptPath = '/sso/submit.js'
// By the prototype, since a deep link's key called "submit" would hide the form's own method.
const script = 'HTMLFormElement.prototype.submit.call(document.forms[0])\n'

/** The addresses that people open: each leads through a signed form into the provider's dashboard. */
export function ssoPages(deps: SsoPageDeps): (server: FastifyInstance) => void {
  const css = readFileSync(new URL('../http/page.css', import.meta.url), 'utf8')
  return (server) => {
    server.get(pageCssPath, async (_, reply) => asset(reply, 'text/css; charset=utf-8', css))
    server.get(scriptPath, async (_, reply) => asset(reply, 'text/javascript; charset=utf-8', script))
    const pages: [string, FindTarget][] = [
      ['/sso/apps/:app/addons/:identity', addonTarget],
      ['/sso/apps/:app/attachments/:identity', attachmentTarget],
      // Where Heroku's own deep links pointed until 2018.
      ['/myapps/:app/addons/:identity', oldTarget],
    ]
    for (const [path, find] of pages) {
      server.get(path, (request, reply) => answer(deps, find, request, reply))
    }
  }
}

async function answer(
  deps: SsoPageDeps,
  find: FindTarget,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asker = await deps.authenticate(request)
  request.asker = asker
  if (!asker?.account) {
    reply.header('Cache-Control', 'no-store')
    return reply.redirect(`/sign-in?return_to=${encodeURIComponent(request.url)}`, 302)
  }
  try {
    if (!asker.scopes.some((scope) => ['global', 'write', 'write-protected'].includes(scope))) {
      throw new WireError('forbidden', 'This token lacks the scope "write".')
    }
    const query = new URL(request.url, 'http://localhost').searchParams
    const extra = readExtra(query)
    if ('problem' in extra) throw new WireError('bad_request', extra.problem)
    const { app: appName, identity } = request.params as { app: string; identity: string }
    const { app, addons } = await find(deps.db, asker, appName, identity, deps.world.now())
    const [addon] = addons
    if (!addon || addons.length > 1) return sendChoice(reply, originOf(request), { app, addons }, query)
    // Only what its provider declared is passed on as an action: a link can't make one up.
    const wanted = query.get('action')
    const action = addon.planActions.some((one) => one.action === wanted) ? wanted : null
    const asked = { extra, action, requestId: request.wireId }
    return sendForm(reply, await openAddon(deps, asker, { addon: addon.id, app }, asked))
  } catch (error) {
    if (error instanceof WireError && error.status < 500) return sendProblem(reply, error)
    throw error
  }
}

/** Submits itself; the button is for browsers without scripts. */
function sendForm(reply: FastifyReply, { service, addon, request }: Opening): FastifyReply {
  const fields = Object.entries(request.params).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
  )
  return sendPage(reply, {
    status: 200,
    title: `Opening ${service.humanName}`,
    script: scriptPath,
    allow: [`form-action ${sourceOf(request.action)}`],
    body: html`<p>You are being signed in to ${addon.name}.</p>
<form method="${request.method}" action="${request.action}">
${fields}<button type="submit">Open ${service.humanName}</button>
</form>`,
  })
}

/**
 * What the form may be sent to. Browsers hold the provider's answer to it as well: it may redirect within its own
 * origin only. An IPv6 address can't be written in a policy, so then the scheme has to do.
 */
function sourceOf(action: string): string {
  const url = new URL(action)
  return url.hostname.startsWith('[') ? url.protocol : url.origin
}

function sendChoice(
  reply: FastifyReply,
  origin: string,
  { app, addons }: Target,
  query: URLSearchParams,
): FastifyReply {
  const rest = query.size ? `?${query}` : ''
  return sendPage(reply, {
    status: 300,
    title: `Which one on ${app.name}?`,
    body: html`<ul>
${addons.map((one) => html`<li><a href="${ssoLink(origin, app.name, one.name)}${rest}">${one.name}</a> (${one.planName})</li>\n`)}</ul>`,
  })
}

function sendProblem(reply: FastifyReply, error: WireError): FastifyReply {
  return sendPage(reply, {
    status: error.status,
    title: error.status === 404 ? 'Nothing to open here' : 'This can not be opened',
    body: html`<p>${error.message}</p>
<p><a href="/dashboard">Back to the dashboard</a></p>`,
  })
}

function asset(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.type(type).header('Cache-Control', 'public, max-age=300').send(text)
}
