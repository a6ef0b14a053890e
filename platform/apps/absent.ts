import { invalid, notFound, type ResourceKind } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Route } from '@mortise/contract/route'
import { accountOf, isSelf } from '../accounts/routes.js'
import { type Handler, handle } from '../http/handle.js'
import type { AppDeps } from './routes.js'

/** What there is none of, said in the way that clients expect: see the contract's file of the same name. */
export function absentRoutes({ db }: Pick<AppDeps, 'db'>): Handler[] {
  const { pipelines, spaces, images } = routes
  return [
    ...[pipelines.list, pipelines.couplings, pipelines.couplingsOfTeam, spaces.list, spaces.listOfTeam].map(empty),
    empty(spaces.enterprises),
    handle(pipelines.couplingsOfUser, async ({ asker, params }) => {
      if (!isSelf(await accountOf(db, asker), params.user)) throw notFound('account')
      return []
    }),
    ...[pipelines.info, pipelines.update, pipelines.remove].map((route) => missing(route, 'pipeline')),
    handle(pipelines.couplingsOfPipeline, async () => {
      throw notFound('pipeline')
    }),
    ...[pipelines.coupling, pipelines.uncouple].map((route) => missing(route, 'pipeline_coupling')),
    missing(spaces.info, 'space'),
    missing(spaces.enterprise, 'enterprise_account'),
    missing(images.info, 'oci_image'),
    refused(pipelines.create, 'There are no pipelines here. Make an app for each stage, and deploy to it.'),
    refused(pipelines.couple, 'There are no pipelines here. Make an app for each stage, and deploy to it.'),
    refused(spaces.create, 'There are no private spaces here: an installation of its own is private as a whole.'),
    refused(images.create, 'Apps run from slugs here, not from images. Deploy the source, or create a slug.'),
  ]
}

const empty = (route: Route): Handler => ({ route, run: async () => [] })

const missing = (route: Route, resource: ResourceKind): Handler => ({
  route,
  run: async () => {
    throw notFound(resource)
  },
})

const refused = (route: Route, sentence: string): Handler => ({
  route,
  run: async () => {
    throw invalid(sentence)
  },
})
