import { invalid, notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Db, transact } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { isPassword, passwordHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { type Account, accountView, passwordProblem } from './account.js'
import { accountActivityRoutes } from './activity.js'
import { authorizationRoutes } from './authorizations.js'
import { endRoutes } from './end.js'
import { inviteRoutes } from './invites.js'
import { loginRoutes } from './logins.js'
import { oauthClientRoutes } from './oauth-clients.js'
import { passwordResetRoutes } from './password-resets.js'
import type { PasswordTries } from './password-tries.js'
import { peopleRoutes } from './people.js'
import { preferenceRoutes } from './preferences.js'
import { quotaRoutes } from './quotas.js'
import { accountOf, byPassword, isSelf } from './self.js'
import { findAccountByEmail, setAccountName, setPasswordHash } from './store.js'
import { revokeWebSessions } from './token-store.js'
import { recordPassword } from './trail.js'
import { webRoutes } from './web-session.js'

export { accountOf, isSelf } from './self.js'

export interface AccountDeps {
  db: Db
  world: World
  tries: PasswordTries
  /** How many requests an account has left; left out where requests are not counted. */
  requestsLeft?(accountId: string): number
}

/** The whole bucket, which it always is where nobody counts. Source: the API's documentation of rate limits. */
const requestsMax = 4500

export function accountRoutes(deps: AccountDeps): Handler[] {
  return [
    ...ownRoutes(deps),
    ...authorizationRoutes(deps),
    ...oauthClientRoutes(deps),
    ...webRoutes(deps),
    ...loginRoutes(deps),
    ...inviteRoutes(deps),
    ...endRoutes(deps),
    ...preferenceRoutes(deps),
    ...passwordResetRoutes(deps),
    ...quotaRoutes(deps),
    ...peopleRoutes(deps),
    ...accountActivityRoutes(deps),
  ]
}

function ownRoutes(deps: AccountDeps): Handler[] {
  const { db } = deps
  return [
    handle(routes.account.info, async ({ asker }) => accountView(await accountOf(db, asker))),
    handle(routes.account.user, async ({ asker, params }) => {
      const own = await accountOf(db, asker)
      if (isSelf(own, params.user)) return accountView(own)
      const other = asker.sudo ? await findAccountByEmail(db, params.user) : undefined
      if (!other) throw notFound('account')
      return accountView(other)
    }),
    handle(routes.account.update, (context) => update(deps, context)),
    handle(routes.account.updateUser, async (context) => {
      if (!isSelf(await accountOf(db, context.asker), context.params.user)) throw notFound('account')
      return update(deps, context)
    }),
    handle(routes.account.rateLimits, async ({ asker }) => ({
      remaining: deps.requestsLeft?.((await accountOf(db, asker)).id) ?? requestsMax,
    })),
    handle(routes.account.keys, async () => []),
    handle(routes.account.key, async () => {
      throw notFound('key')
    }),
    handle(routes.account.removeKey, async () => {
      throw notFound('key')
    }),
    handle(routes.account.addKey, async () => {
      throw invalid(
        'There is no git over SSH here, so keys have no use. Deploy with "mortise deploy" or the builds API.',
      )
    }),
    handle(routes.account.features, async () => []),
    handle(routes.account.feature, async () => {
      throw notFound('feature')
    }),
    handle(routes.account.updateFeature, async () => {
      throw notFound('feature')
    }),
  ]
}

type UpdateContext = Context<typeof routes.account.update> | Context<typeof routes.account.updateUser>

async function update(deps: AccountDeps, context: UpdateContext) {
  const { asker, body } = context
  if (body.allow_tracking || body.beta) {
    throw invalid('This installation tracks nobody and has no beta programme. Leave out allow_tracking and beta.')
  }
  const own = await accountOf(deps.db, asker)
  if (body.new_password !== undefined) await changePassword(deps, context, own, body.new_password)
  const { name } = body
  if (name === undefined) return accountView(await accountOf(deps.db, asker))
  return accountView(await transact(deps.db, (tx) => setAccountName(tx, own.id, name, deps.world.now())))
}

/** Every other browser is signed out; tokens stay, since each can be revoked by itself. */
async function changePassword(deps: AccountDeps, context: UpdateContext, own: Account, wanted: string): Promise<void> {
  const { db, world } = deps
  const given = context.body.password
  if (given === undefined) throw invalid('Pass the password in force as "password", beside "new_password".')
  const problem = passwordProblem(wanted)
  if (problem) throw invalid(problem)
  await byPassword(deps, context, { user: own.email, password: given })
  if (await isPassword(wanted, own.passwordHash))
    throw invalid('The new password is the same as the old one. Choose another.')
  const hash = await passwordHash(wanted)
  const { asker } = context
  await transact(db, async (tx) => {
    const at = world.now()
    await setPasswordHash(tx, own.id, hash, at)
    await revokeWebSessions(tx, own.id, at, asker.via === 'cookie' ? asker.tokenId : null)
    await recordPassword(tx, world, { account: own, by: 'owner', at })
  })
}
