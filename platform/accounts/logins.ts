import { notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { later } from '../world/world.js'
import { countLogins, findLogin, forgetLogins, insertLogin, type Login, takeLogin } from './login-store.js'
import { requireRoom } from './quotas.js'
import type { AccountDeps } from './routes.js'
import { findAccount } from './store.js'
import { tokenHint } from './token.js'
import { insertToken } from './token-store.js'
import { recordAuthorization } from './trail.js'

/** How long somebody may think about it. Source: RULES.md, section 8. */
export const loginMinutes = 10
/** Clients give up a request after 60 s. */
export const awaitMs = 50_000
const lookMs = 500
/** How long a terminal stays signed in: as with e-mail and password. */
const tokenDays = 30
/** An address that begins more than these within the ten minutes is not a person at a terminal. */
export const loginsMax = 20
const dayMs = 24 * 60 * 60_000

export const browserPath = '/auth/browser'

type Deps = Pick<AccountDeps, 'db' | 'world'>

/** The terminal's half of a login in the browser; the person's half is `login-page.ts`. */
export function loginRoutes(deps: Deps): Handler[] {
  return [
    handle(routes.login.begin, (context) => begin(deps, context)),
    handle(routes.login.await, (context) => awaitDecision(deps, context)),
  ]
}

async function begin({ db, world }: Deps, { body, request }: Context<typeof routes.login.begin>) {
  const at = world.now()
  if ((await countLogins(db, request.caller.address, later(at, -loginMinutes * 60_000))) >= loginsMax) {
    throw new WireError('rate_limit', `Too many logins were begun. Try again in ${loginMinutes} minutes.`)
  }
  const [id, browser, token] = [world.id(), newToken(), newToken()]
  await transact(db, async (tx) => {
    await forgetLogins(tx, later(at, -dayMs))
    await insertLogin(tx, {
      id,
      browserHash: tokenHash(browser),
      cliHash: tokenHash(token),
      description: printable(body.description ?? '') || 'A terminal',
      address: request.caller.address,
      at,
      expiresAt: later(at, loginMinutes * 60_000),
    })
  })
  return { browser_url: `${browserPath}/${browser}`, cli_url: `/auth/cli/${id}`, token }
}

/**
 * Held open until somebody decides. After `awaitMs` it is 503 with Retry-After, which the clients take for "again".
 */
async function awaitDecision(deps: Deps, context: Context<typeof routes.login.await>) {
  const { db, world } = deps
  context.header('Cache-Control', 'no-store')
  const given = /^bearer\s+(\S+)$/i.exec(String(context.request.headers.authorization ?? ''))?.[1] ?? ''
  const gone = new AbortController()
  const leave = () => gone.abort()
  context.reply.raw.once('close', leave)
  const until = later(world.now(), awaitMs)
  try {
    for (;;) {
      const login = await findLogin(db, context.params.login)
      if (!login?.cliHash.equals(tokenHash(given))) throw notFound('login')
      if (login.state === 'denied') return { error: 'The login was denied in the browser.' }
      if (login.state === 'taken') throw new WireError('gone', 'This login was used already. Begin another.')
      if (login.expiresAt <= world.now()) {
        return { error: `Nobody approved the login within ${loginMinutes} minutes. Log in again.` }
      }
      if (login.state === 'approved') return await take(deps, login)
      if (world.now() >= until || gone.signal.aborted) break
      await world.sleep(lookMs, gone.signal)
    }
  } finally {
    context.reply.raw.off('close', leave)
  }
  throw new WireError('maintenance', 'Nobody has decided yet. Ask again.', {}, { 'Retry-After': '1' })
}

async function take({ db, world }: Deps, login: Login): Promise<{ access_token: string; authorization: string }> {
  const secret = newToken('MORT-')
  const id = world.id()
  const at = world.now()
  await transact(db, async (tx) => {
    if (!login.accountId || !(await takeLogin(tx, login.id, at))) {
      throw new WireError('gone', 'This login was used already. Begin another.')
    }
    await requireRoom(tx, { ownerId: login.accountId, name: 'authorizations', at })
    const token = await insertToken(tx, {
      id,
      kind: 'authorization',
      accountId: login.accountId,
      hash: tokenHash(secret),
      hint: tokenHint(secret),
      scopes: ['global'],
      description: `Login in the browser: ${login.description}`.slice(0, 300),
      expiresAt: later(at, tokenDays * dayMs),
      at,
    })
    const account = await findAccount(tx, login.accountId)
    if (account) await recordAuthorization(tx, world, { token, account, action: 'create', at })
  })
  return { access_token: secret, authorization: id }
}

/** A stranger's words: one short line, without control characters or what turns the direction of writing. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200)
}
