import { notFound, type WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { Manifest } from '@mortise/contract/manifest/read'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Handler, handle } from '../http/handle.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import { withSecrets } from './approval.js'
import { serviceOf } from './guard.js'
import { findManifest, listManifests, type ManifestVersion, secretsOf } from './manifest-store.js'
import { type PushDeps, pushManifest } from './push.js'
import type { PublicManifest, Service } from './service.js'
import { revokeAccessTokensOfService, setClientSecret } from './store.js'

/** The portal's clients read a list of sentences. Source: plugin-addons-admin 4.0.1. */
const errors = { errorBody: (error: WireError) => ({ error: { base: error.message.split('\n') } }) }

/** Where providers push and pull their manifests. */
export function portalRoutes(deps: PushDeps): Handler[] {
  const { db, world, secrets } = deps

  /** With its secrets for the owner only: the operator may look, and push a manifest of their own. */
  async function contentsFor(version: ManifestVersion, service: Service, accountId: string) {
    if (service.ownerId !== accountId) return echoed(version.contents, version.revision)
    return echoed(withSecrets(version.contents, await secretsOf(db, secrets, version.id)), version.revision)
  }

  async function versionOf(service: Service, id: string): Promise<ManifestVersion> {
    const version = isUuid(id) ? await findManifest(db, service.id, id) : undefined
    if (!version) throw notFound('manifest')
    return version
  }

  return [
    handle(
      routes.portal.push,
      async (context) => {
        const { asker, actor, params, body } = context
        const pusher = { id: actor.id, isOperator: asker.account?.isOperator ?? false }
        const pushed = await pushManifest(deps, pusher, params.slug, body.contents)
        if (!pushed.isNew) context.status(200)
        return {
          contents: echoed(pushed.manifest, pushed.revision),
          ...(pushed.clientSecret === null ? {} : { client_secret: pushed.clientSecret }),
          ...(pushed.warnings.length ? { warnings: pushed.warnings } : {}),
        }
      },
      errors,
    ),
    handle(
      routes.portal.current,
      async ({ subjects, actor }) => {
        const service = serviceOf(subjects)
        const version = await versionOf(service, service.manifestId)
        return { contents: await contentsFor(version, service, actor.id) }
      },
      errors,
    ),
    handle(
      routes.portal.list,
      async ({ subjects }) =>
        (await listManifests(db, serviceOf(subjects).id)).map(({ id, createdAt }) => ({
          id,
          created_at: timestamp(createdAt),
        })),
      errors,
    ),
    handle(
      routes.portal.info,
      async ({ subjects, params, actor }) => {
        const service = serviceOf(subjects)
        return { contents: await contentsFor(await versionOf(service, params.manifest), service, actor.id) }
      },
      errors,
    ),
    handle(
      routes.portal.resetSecret,
      async ({ subjects, actor }) => {
        const service = serviceOf(subjects)
        const client_secret = newToken()
        await transact(db, async (tx) => {
          const at = world.now()
          await setClientSecret(tx, service.id, tokenHash(client_secret), at)
          const ended = await revokeAccessTokensOfService(tx, service.id, at)
          await appendEvent(tx, {
            ...{ id: world.id(), at, actor, action: 'update', resource: 'addon-service', subject: service.id },
            ...{ appId: null, data: { name: service.name, client_secret: 'reset', tokens_ended: ended } },
          })
        })
        return { client_secret }
      },
      errors,
    ),
  ]
}

/** Contents as a provider keeps them in a file; `$base` says which revision a later push is based on. */
function echoed(manifest: Manifest | PublicManifest, revision: number): Record<string, unknown> {
  return { ...manifest, $base: revision }
}
