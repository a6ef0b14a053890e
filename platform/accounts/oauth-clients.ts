import { invalid, notFound } from '@mortise/contract/errors'
import type { OauthClient as WireClient } from '@mortise/contract/platform-api/accounts'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { transact } from '../db/db.js'
import { type Asker, type Handler, handle } from '../http/handle.js'
import type { Actor } from '../saga/saga.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import {
  findClient,
  insertClient,
  listClients,
  type OauthClient,
  removeClient,
  updateClient,
} from './oauth-client-store.js'
import { recordClient, recordEndOfAllowed } from './oauth-client-trail.js'
import type { AccountDeps } from './routes.js'
import { accountOf } from './self.js'

/** The record of third parties' programs. Each account sees and changes its own only. */
export function oauthClientRoutes({ db, world }: Pick<AccountDeps, 'db' | 'world'>): Handler[] {
  async function own(asker: Asker, id: string): Promise<OauthClient> {
    const account = await accountOf(db, asker)
    const client = await findClient(db, id)
    if (client?.accountId !== account.id) throw notFound('client')
    return client
  }

  type Change = Omit<Parameters<typeof updateClient>[2], 'at'>
  function update(before: OauthClient, actor: Actor, change: Change): Promise<OauthClient> {
    const at = world.now()
    return transact(db, async (tx) => {
      const client = await updateClient(tx, before.id, { ...change, at })
      const isSecretNew = change.secretHash !== undefined
      await recordClient(tx, world, { client, actor, action: 'update', at, before, isSecretNew })
      return client
    })
  }

  return [
    handle(routes.oauthClients.list, async ({ asker }) => {
      const clients = await listClients(db, (await accountOf(db, asker)).id)
      return clients.map((client) => clientView(client))
    }),
    handle(routes.oauthClients.info, async ({ asker, params }) => clientView(await own(asker, params.client))),
    handle(routes.oauthClients.create, async ({ asker, actor, body }) => {
      const account = await accountOf(db, asker)
      const redirectUri = redirectOf(body.redirect_uri)
      const secret = newToken()
      const row = { id: world.id(), accountId: account.id, name: body.name, redirectUri, secretHash: tokenHash(secret) }
      const at = world.now()
      const made = await transact(db, async (tx) => {
        const client = await insertClient(tx, { ...row, at })
        await recordClient(tx, world, { client, actor, action: 'create', at })
        return client
      })
      return clientView(made, secret)
    }),
    handle(routes.oauthClients.update, async ({ asker, actor, body, params }) => {
      const before = await own(asker, params.client)
      const redirectUri = body.redirect_uri === undefined ? undefined : redirectOf(body.redirect_uri)
      const change = { name: body.name, redirectUri }
      return clientView(await update(before, actor, change))
    }),
    handle(routes.oauthClients.rotate, async ({ asker, actor, params }) => {
      const before = await own(asker, params.client)
      const secret = newToken()
      return clientView(await update(before, actor, { secretHash: tokenHash(secret) }), secret)
    }),
    handle(routes.oauthClients.remove, async ({ asker, actor, params }) => {
      const client = await own(asker, params.client)
      const at = world.now()
      await transact(db, async (tx) => {
        await recordEndOfAllowed(tx, world, { clientIds: [client.id], actor, at })
        await removeClient(tx, client.id, at)
        await recordClient(tx, world, { client, actor, action: 'destroy', at })
      })
      return clientView(client)
    }),
  ]
}

/** Codes travel to this address, so it is https, or on the person's own machine. @throws WireError 422 */
function redirectOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isHome = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  if (!url || !(url.protocol === 'https:' || isHome) || url.hash) {
    throw invalid('A redirect_uri begins with https://, or with http://localhost, and has no #.')
  }
  return given
}

/** @param secret the whole one, only in the answer that makes it */
function clientView(client: OauthClient, secret?: string): WireClient {
  return {
    created_at: timestamp(client.createdAt),
    id: client.id,
    ignores_delinquent: null,
    name: client.name,
    redirect_uri: client.redirectUri,
    secret: secret ?? '**********',
    updated_at: timestamp(client.updatedAt),
  }
}
