import { invalid, notFound, WireError } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf } from '@mortise/contract/platform-api/shared'
import { activityPage, activityView, activityWords } from '../accounts/activity.js'
import { accountOf } from '../accounts/routes.js'
import { findService } from '../catalog/store.js'
import { type Db, isDuplicate, type Tx, transact } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import type { World } from '../world/world.js'
import { allowService, disallowService, findAllowed, listAllowed } from './allowed-store.js'
import { invitationRoutes } from './invitations.js'
import { putMember } from './member-store.js'
import { memberRoutes } from './members.js'
import { countPossessions, deleteTeam, insertTeam, listTeamsOf, lockTeam, renameTeam } from './store.js'
import { teamIn } from './subject.js'
import { checkTeamName } from './team.js'
import { recordOfTeam } from './trail.js'
import { allowedView, teamFeatures, teamView } from './view.js'

export interface TeamDeps {
  db: Db
  world: World
  /** Takes what the account may do on the team's apps; apps are a later room's. */
  leaveApps(tx: Tx, ownerId: string, accountId: string): Promise<void>
}

export function teamRoutes(deps: TeamDeps): Handler[] {
  return [
    ...ownRoutes(deps),
    ...teamActivityRoutes(deps),
    ...memberRoutes(deps),
    ...invitationRoutes(deps),
    ...allowedRoutes(deps),
    ...featureRoutes(),
  ]
}

function ownRoutes({ db, world }: TeamDeps): Handler[] {
  return [
    handle(routes.teams.list, async ({ asker }) => {
      const teams = await listTeamsOf(db, (await accountOf(db, asker)).id)
      return teams.map((team) => teamView(team, team.role))
    }),
    handle(routes.teams.create, async ({ asker, body, actor }) => {
      const account = await accountOf(db, asker)
      checkTeamName(body.name)
      const at = world.now()
      const row = { id: world.id(), accountId: world.id(), name: body.name, at }
      const team = await named(body.name, () =>
        transact(db, async (tx) => {
          const made = await insertTeam(tx, row)
          await putMember(tx, { id: world.id(), teamId: made.id, accountId: account.id, role: 'admin', at })
          const fact = { team: made, at, actor, subject: made.id, data: { name: made.name } }
          await recordOfTeam(tx, world, { ...fact, action: 'create', resource: 'team' })
          return made
        }),
      )
      return teamView(team, 'admin')
    }),
    handle(routes.teams.info, async ({ subjects }) => {
      const { team, role } = teamIn(subjects)
      return teamView(team, role)
    }),
    handle(routes.teams.update, async ({ subjects, body, actor }) => {
      const { team, role } = teamIn(subjects)
      if (body.default) throw invalid('There is no default team here. Name the team in each command.')
      const { name } = body
      if (name === undefined || name === team.name) return teamView(team, role)
      checkTeamName(name)
      const rename = async (tx: Tx) => {
        const at = world.now()
        const renamed = await renameTeam(tx, team, name, at)
        const fact = { team: renamed, at, actor, subject: team.id, data: { name }, previous: { name: team.name } }
        await recordOfTeam(tx, world, { ...fact, action: 'update', resource: 'team' })
        return renamed
      }
      return teamView(await named(name, () => transact(db, rename)), role)
    }),
    handle(routes.teams.remove, async ({ subjects, actor }) => {
      const { team, role } = teamIn(subjects)
      await transact(db, async (tx) => {
        if (!(await lockTeam(tx, team.id))) throw notFound('team')
        const left = await countPossessions(tx, team.accountId)
        if (left > 0) {
          throw invalid(`${team.name} still has apps or add-ons (${left}). Destroy them or give them away first.`)
        }
        const at = world.now()
        await deleteTeam(tx, team, at)
        const fact = { team, at, actor, subject: team.id, data: { name: team.name } }
        await recordOfTeam(tx, world, { ...fact, action: 'destroy', resource: 'team' })
      })
      return teamView(team, role)
    }),
  ]
}

/** Who invited whom, who changed which role. */
function teamActivityRoutes({ db }: Pick<TeamDeps, 'db'>): Handler[] {
  return [
    handle(routes.activity.listOfTeam, async ({ subjects, query, request }) => {
      const { accountId } = teamIn(subjects).team
      const found = await activityPage(db, request.headers.range, { appId: null, accountId, ...activityWords(query) })
      return found.map(activityView)
    }),
  ]
}

/** Says it in words when the name is taken. */
async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isDuplicate(error, 'teams_name') || isDuplicate(error, 'accounts_email')) {
      throw invalid(`There is a team "${name}" already. Choose another name.`)
    }
    throw error
  }
}

function allowedRoutes({ db, world }: TeamDeps): Handler[] {
  return [
    handle(routes.teams.allowedServices, async ({ subjects }) =>
      (await listAllowed(db, teamIn(subjects).team.id)).map(allowedView),
    ),
    handle(routes.teams.allowService, async ({ subjects, body, asker, actor }) => {
      const { team } = teamIn(subjects)
      const service = await findService(db, identityOf(body.addon_service))
      if (!service) throw notFound('add_on_service')
      const addedBy = (await accountOf(db, asker)).id
      const row = { id: world.id(), teamId: team.id, serviceId: service.id, addedBy, at: world.now() }
      const allow = async (tx: Tx) => {
        if (!(await allowService(tx, row))) return false
        const fact = { team, at: row.at, actor, subject: service.id, data: { name: service.name } }
        await recordOfTeam(tx, world, { ...fact, action: 'create', resource: 'allowed-service' })
        return true
      }
      if (!(await transact(db, allow))) {
        throw new WireError('conflict', `${team.name} allows ${service.name} already: there is nothing to add.`)
      }
      const made = await findAllowed(db, team.id, row.id)
      return made ? [allowedView(made)] : []
    }),
    handle(routes.teams.disallowService, async ({ subjects, params, actor }) => {
      const { team } = teamIn(subjects)
      const allowed = await findAllowed(db, team.id, params.service)
      const disallow = async (tx: Tx) => {
        if (!allowed || !(await disallowService(tx, allowed.id))) return false
        const { id: subject, name } = allowed.service
        const fact = { team, at: world.now(), actor, subject, data: { name } }
        await recordOfTeam(tx, world, { ...fact, action: 'destroy', resource: 'allowed-service' })
        return true
      }
      if (!allowed || !(await transact(db, disallow))) {
        throw notFound('allowed_addon_service')
      }
      return allowedView(allowed)
    }),
  ]
}

function featureRoutes(): Handler[] {
  return [
    handle(routes.teams.features, async ({ subjects }) => teamFeatures(teamIn(subjects).team)),
    handle(routes.teams.feature, async ({ subjects, params }) => {
      const features = teamFeatures(teamIn(subjects).team)
      const found = features.find((one) => one.name === params.feature || one.id === params.feature)
      if (!found) throw notFound('feature')
      return found
    }),
  ]
}
