import { notFound } from '@mortise/contract/errors'
import type { TeamApp as WireApp } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import { accountOf } from '../accounts/routes.js'
import { type Asker, type Handler, handle } from '../http/handle.js'
import { findMember } from '../teams/member-store.js'
import { teamIn } from '../teams/subject.js'
import type { App } from './app.js'
import { permissionsOf } from './permissions-of.js'
import type { AppDeps } from './routes.js'
import { listAppsOf, listAppsOfAddon, listAppsOfOwner, listJoined } from './store.js'
import { appIn } from './subject.js'
import { appView } from './view.js'

/** As teams show apps: with what the caller has to do with each. */
export async function teamAppViews(
  { db, addresses }: Pick<AppDeps, 'db' | 'addresses'>,
  apps: readonly App[],
  asker: Asker,
): Promise<WireApp[]> {
  const ids = apps.map(({ id }) => id)
  const joined = new Set(asker.account ? await listJoined(db, asker.account.id, ids) : [])
  return apps.map((app) => ({ ...appView(app, addresses), joined: joined.has(app.id), locked: app.locked }))
}

/** What a team has, as far as the caller may see it. To make and to give away are stories: see lifecycle/. */
export function teamAppRoutes({ db, addresses }: Pick<AppDeps, 'db' | 'addresses'>): Handler[] {
  const shown = (apps: readonly App[], asker: Asker) => teamAppViews({ db, addresses }, apps, asker)

  return [
    handle(routes.teamApps.list, async ({ subjects, asker }) => {
      const { team } = teamIn(subjects)
      const viewer = asker.sudo ? null : (asker.account?.id ?? null)
      return shown(await listAppsOfOwner(db, team.accountId, viewer), asker)
    }),
    handle(routes.teams.entities, async ({ subjects, asker }) => {
      const { team } = teamIn(subjects)
      const apps = await listAppsOfOwner(db, team.accountId, asker.sudo ? null : (asker.account?.id ?? null))
      return permissionsOf(db, team, apps)
    }),
    handle(routes.teams.appsOfMember, async ({ subjects, asker, params }) => {
      const { team } = teamIn(subjects)
      const member = await findMember(db, team.id, params.member)
      if (!member) throw notFound('team_member')
      const theirs = new Set((await listAppsOfOwner(db, team.accountId, member.accountId)).map((app) => app.id))
      const seen = await listAppsOfOwner(db, team.accountId, asker.sudo ? null : (asker.account?.id ?? null))
      return shown(
        seen.filter((app) => theirs.has(app.id)),
        asker,
      )
    }),
    handle(routes.teamApps.info, async ({ subjects, asker }) => {
      const [app] = await shown([appIn(subjects)], asker)
      return app as WireApp
    }),
    handle(routes.apps.filter, async ({ asker, body }) => {
      const seen = asker.addonId
        ? await listAppsOfAddon(db, asker.addonId)
        : await listAppsOf(db, (await accountOf(db, asker)).id)
      const wanted = body?.in?.id && new Set(body.in.id.map((id) => id.toLowerCase()))
      return shown(wanted ? seen.filter((app) => wanted.has(app.id)) : seen, asker)
    }),
  ]
}
