import { notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { findGeneration, generations } from '../catalog/generation.js'
import { type Handler, handle } from '../http/handle.js'
import { findRegion, findStack, regions, stacks } from './place.js'

/** What every app can be made with: the same for everybody. */
export function placeRoutes(): Handler[] {
  return [
    handle(routes.places.regions, async () => [...regions]),
    handle(routes.places.region, async ({ params }) => {
      const region = findRegion(params.region)
      if (!region) throw notFound('region')
      return region
    }),
    handle(routes.places.stacks, async () => [...stacks]),
    handle(routes.generations.stacksOfApp, async () => [...stacks]),
    handle(routes.places.stack, async ({ params }) => {
      const stack = findStack(params.stack)
      if (!stack) throw notFound('stack')
      return stack
    }),
    handle(routes.generations.list, async () => [...generations]),
    handle(routes.generations.listOfTeam, async () => [...generations]),
    handle(routes.generations.info, async ({ params }) => {
      const generation = findGeneration(params.generation)
      if (!generation) throw notFound('generation')
      return generation
    }),
  ]
}
