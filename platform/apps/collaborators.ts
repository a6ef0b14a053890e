import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import { type AppRight, appRights, joinedRights, rightsOf } from '../accounts/permit.js'
import { accountOf, isSelf } from '../accounts/routes.js'
import { findPerson } from '../accounts/store.js'
import { type Tx, transact } from '../db/db.js'
import { appendEvent } from '../events/store.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { App } from './app.js'
import {
  type Collaborator,
  findCollaborator,
  insertCollaborator,
  listCollaborators,
  removeCollaborator,
  setPermissions,
} from './collaborator-store.js'
import { guardApp } from './guard.js'
import type { AppDeps } from './routes.js'
import { findAppStake } from './store.js'
import { appIn } from './subject.js'
import { collaboratorFacts, collaboratorView, permissionTexts } from './view.js'

/** Without a word about permissions: everything but sharing, renaming and destroying the app. */
const usualRights: readonly AppRight[] = ['view', 'deploy', 'operate']

/** Who works on an app. A team's app has the same under addresses of its own, because clients ask there. */
export function collaboratorRoutes(deps: AppDeps): Handler[] {
  const { apps, teamApps, teams } = routes
  return [
    ...[apps.collaborators, teamApps.collaborators].map((route) => handle(route, (context) => list(deps, context))),
    ...[apps.collaborator, teamApps.collaborator].map((route) => handle(route, (context) => info(deps, context))),
    ...[apps.addCollaborator, teamApps.addCollaborator].map((route) => handle(route, (context) => add(deps, context))),
    ...[apps.updateCollaborator, teamApps.updateCollaborator].map((route) =>
      handle(route, (context) => update(deps, context)),
    ),
    ...[apps.removeCollaborator, teamApps.removeCollaborator].map((route) =>
      handle(route, (context) => remove(deps, context)),
    ),
    handle(teams.permissions, async () =>
      appRights.map((name) => ({ name, description: permissionTexts[name] ?? '' })),
    ),
  ]
}

async function list({ db }: AppDeps, { subjects }: Pick<Context, 'subjects'>) {
  const app = appIn(subjects)
  return (await listCollaborators(db, app.id)).map((one) => collaboratorView(one, app))
}

async function info({ db }: AppDeps, { subjects, params }: Pick<Context, 'subjects' | 'params'>) {
  const app = appIn(subjects)
  const found = await findCollaborator(db, app.id, params['collaborator'] ?? '')
  if (!found) throw notFound('collaborator')
  return collaboratorView(found, app)
}

type AddContext = Context<typeof routes.apps.addCollaborator>
type UpdateContext = Context<typeof routes.apps.updateCollaborator>

async function add(deps: AppDeps, { subjects, asker, actor, body }: AddContext) {
  const { db, world } = deps
  const app = appIn(subjects)
  const self = await accountOf(db, asker)
  const identity = identityOf(body.user)
  const isJoining = isSelf(self, identity)
  const person = isJoining ? self : await findPerson(db, identity)
  const stake = await findAppStake(db, app.id, self.id)
  // A member of the team lets itself into an open app, with what members are given there and no more.
  const mayJoin = isJoining && stake.role === 'member' && !stake.isLocked
  if (!mayJoin) await guardApp(db, asker, app.id, 'manage')
  const manages = rightsOf(stake).has('manage') || asker.sudo
  if (!person) {
    throw notFound(
      'account',
      `Nobody has the address ${identity} here. Ask the operator to invite them, then try again.`,
    )
  }
  if (person.id === app.ownerId)
    throw invalid(`${person.email} owns ${app.name} and may do everything already: there is nothing to give.`)
  const permissions = body.permissions ? checked(body.permissions) : usualRights
  const given = manages ? permissions : joinedRights
  const made = await transact(db, async (tx) => {
    const row = { id: world.id(), appId: app.id, accountId: person.id, permissions: given, at: world.now() }
    if (!(await insertCollaborator(tx, row))) {
      throw invalid(`${person.email} is a collaborator of ${app.name} already. Change the permissions instead.`)
    }
    const collaborator = await mustFind(tx, app, row.id)
    await record(tx, deps, { action: 'create', app, collaborator, actor })
    return collaborator
  })
  return collaboratorView(made, app)
}

async function update(deps: AppDeps, { subjects, params, actor, body }: UpdateContext) {
  const { db, world } = deps
  const app = appIn(subjects)
  const permissions = checked(body.permissions)
  return transact(db, async (tx) => {
    const before = await changeable(tx, app, params['collaborator'])
    if (!(await setPermissions(tx, before.id, permissions, world.now()))) throw notFound('collaborator')
    const after = await mustFind(tx, app, before.id)
    const previous = { permissions: before.permissions }
    await record(tx, deps, { action: 'update', app, collaborator: after, actor, previous })
    return collaboratorView(after, app)
  })
}

async function remove(
  deps: AppDeps,
  { subjects, params, asker, actor }: Pick<Context, 'subjects' | 'params' | 'asker' | 'actor'>,
) {
  const { db } = deps
  const app = appIn(subjects)
  return transact(db, async (tx) => {
    const found = await changeable(tx, app, params['collaborator'])
    // Everybody may leave.
    if (found.accountId !== asker.account?.id) await guardApp(tx, asker, app.id, 'manage')
    if (!(await removeCollaborator(tx, found.id))) throw notFound('collaborator')
    await record(tx, deps, { action: 'destroy', app, collaborator: found, actor })
    return collaboratorView(found, app)
  })
}

async function changeable(tx: Tx, app: App, identity = ''): Promise<Collaborator & { id: string }> {
  const found = await findCollaborator(tx, app.id, identity)
  if (!found) throw notFound('collaborator')
  const { id } = found
  if (id === null) throw invalid(`${found.email} owns ${app.name}. To change that, transfer the app: apps:transfer.`)
  return { ...found, id }
}

async function mustFind(tx: Tx, app: App, id: string): Promise<Collaborator> {
  const found = await findCollaborator(tx, app.id, id)
  if (!found)
    throw new WireError('not_found', 'The collaborator was removed in the same moment. Look at the list again.')
  return found
}

/** In the table's order, and with `view`, which the others are worth nothing without. @throws WireError 422 */
function checked(permissions: readonly string[]): AppRight[] {
  const unknown = permissions.filter((one) => !appRights.includes(one as AppRight))
  if (unknown.length > 0) {
    throw invalid(`There is no permission "${unknown[0]}". Choose among: ${appRights.join(', ')}.`)
  }
  return appRights.filter((right) => right === 'view' || permissions.includes(right))
}

interface Fact {
  action: 'create' | 'update' | 'destroy'
  app: App
  collaborator: Collaborator
  actor: Context['actor']
  previous?: { permissions: string[] }
}

async function record(tx: Tx, { world }: AppDeps, { action, app, collaborator, actor, previous }: Fact): Promise<void> {
  await appendEvent(tx, {
    id: world.id(),
    at: world.now(),
    actor,
    action,
    resource: 'collaborator',
    subject: collaborator.id ?? app.id,
    appId: app.id,
    data: collaboratorFacts(collaborator, app),
    previous: previous ?? {},
  })
}
