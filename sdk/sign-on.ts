import type { Answer, Asked } from './http.js'
import { isOwnMachine } from './own-machine.js'
import type { ResourceStore } from './resource.js'
import type { Service } from './service.js'
import { openSession, readSession } from './session.js'
import { type SignOn, type TokenKind, verifySignOn } from './sso.js'

export interface SignOnOptions {
  service: Service
  store: ResourceStore
  accept: readonly TokenKind[]
  /** Where the person goes; absent when the service has no pages. */
  session?(signOn: SignOn): Promise<string> | string
  now(): Date
}

/**
 * Answers a sign-on form: 303 with the cookies, 403 for what is forged, stale or used, 404 for an unknown resource.
 * The token is looked at before the resource: a stranger does not learn which ones there are.
 */
export function createSignOn({ service, store, accept, session, now }: SignOnOptions) {
  return async (asked: Pick<Asked, 'header'>, form: Record<string, string>): Promise<Answer> => {
    const verified = verifySignOn(form, { salts: service.ssoSalts, accept, now: now() })
    if (!verified || !(await isFirstUse(asked.header('cookie'), verified))) return forbidden
    const resource = await store.get(verified.resourceId)
    if (!resource || !session || resource.state === 'removed' || resource.state === 'failed') return unknown
    const location = await session(verified)
    const isSecure = service.isSecure && !isOwnMachine(asked)
    const opened = openSession({ ...service, isSecure }, verified, resource.name ?? resource.uuid, now())
    return { status: 303, headers: { location, 'set-cookie': opened, 'referrer-policy': 'no-referrer' } }
  }

  /**
   * A form is good once. Tokens carry whole seconds, so a second click in the same second brings the same token;
   * it passes if that browser already holds the very session that the token would open.
   */
  async function isFirstUse(cookies: string | undefined, verified: SignOn): Promise<boolean> {
    if (await store.useOnce(verified.token, verified.expiresAt, now())) return true
    const held = readSession(service, cookies, now())
    return held?.resourceId === verified.resourceId && held.userId === verified.userId
  }
}

const forbidden: Answer = {
  status: 403,
  body: { message: 'This sign-on is not valid, or not any more. Open the add-on from its app again.' },
}

const unknown: Answer = { status: 404, body: { message: 'There is no such resource.' } }
