import { routes } from '@mortise/contract/platform-api/routes'
import { readBasic } from '../accounts/authenticate.js'
import type { PasswordTries } from '../accounts/password-tries.js'
import { accountOf, byPassword } from '../accounts/self.js'
import type { Account } from '../accounts/account.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { guardService } from './guard.js'
import { currentManifest } from './manifest-store.js'
import { type PushDeps, pushManifest } from './push.js'
import { withoutSecrets } from './approval.js'

/** The door of kensa 3.1.0, by which manifests were pushed before the portal. */
export function kensaRoutes(deps: PushDeps & { tries: PasswordTries }): Handler[] {
  /** A key in place of the password is a token, which the server has read already. @throws WireError 401 or 429 */
  async function account(context: Context): Promise<Account> {
    if (context.maybeAsker) return accountOf(deps.db, context.maybeAsker)
    return byPassword(deps, context, readBasic(context.request.headers.authorization))
  }

  return [
    handle(routes.kensa.push, async (context) => {
      const { id, isOperator } = await account(context)
      const { body } = context
      const slug = typeof body['id'] === 'string' ? body['id'] : ''
      const pushed = await pushManifest(deps, { id, isOperator }, slug, body)
      for (const warning of pushed.warnings) context.warn(warning)
      // kensa writes the answer over its file, so it is given back what it sent: in the generation that it knows.
      return body
    }),
    handle(routes.kensa.pull, async (context) => {
      const person = await account(context)
      const asker = { ...person, name: person.name ?? null }
      const service = await guardService(
        deps.db,
        { account: asker, addonId: null, tokenId: '', scopes: [], via: 'basic', sudo: false },
        context.params.slug,
      )
      const { manifest, revision } = await currentManifest(deps.db, deps.secrets, service)
      return { ...(service.ownerId === person.id ? manifest : withoutSecrets(manifest)), $base: revision }
    }),
  ]
}
