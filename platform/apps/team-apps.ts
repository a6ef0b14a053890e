import { notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Handler, handle } from '../http/handle.js'
import { findMember } from '../teams/member-store.js'
import { teamIn } from '../teams/subject.js'
import type { AppDeps } from './routes.js'
import { listAppsOfOwner } from './store.js'
import { appIn } from './subject.js'
import { appView } from './view.js'

/** What a team has, as far as the caller may see it. To make and to give away are stories: see lifecycle/. */
export function teamAppRoutes({ db, addresses }: Pick<AppDeps, 'db' | 'addresses'>): Handler[] {
  return [
    handle(routes.teamApps.list, async ({ subjects, asker }) => {
      const { team } = teamIn(subjects)
      const viewer = asker.sudo ? null : (asker.account?.id ?? null)
      return (await listAppsOfOwner(db, team.accountId, viewer)).map((app) => appView(app, addresses))
    }),
    handle(routes.teams.appsOfMember, async ({ subjects, asker, params }) => {
      const { team } = teamIn(subjects)
      const member = await findMember(db, team.id, params.member)
      if (!member) throw notFound('team_member')
      const theirs = new Set((await listAppsOfOwner(db, team.accountId, member.accountId)).map((app) => app.id))
      const seen = await listAppsOfOwner(db, team.accountId, asker.sudo ? null : (asker.account?.id ?? null))
      return seen.filter((app) => theirs.has(app.id)).map((app) => appView(app, addresses))
    }),
    handle(routes.teamApps.info, async ({ subjects }) => appView(appIn(subjects), addresses)),
  ]
}
