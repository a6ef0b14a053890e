import type { Build } from '@mortise/contract/platform-api/builds'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Failure } from './failure.js'

/** The newest builds first, at most `max`. */
export async function newestBuilds(api: Api, app: string, max: number): Promise<Build[]> {
  return await api.first(routes.builds.list, {
    params: { app },
    headers: { range: `created_at ..; order=desc,max=${max}` },
  })
}

/** The build of this id, or the newest. @throws Failure when nothing was built yet */
export async function findBuild(api: Api, app: string, id?: string): Promise<Build> {
  if (id) return await api.call(routes.builds.info, { params: { app, build: id } })
  const [newest] = await newestBuilds(api, app, 1)
  if (!newest) throw new Failure(`Nothing was built for ${app} yet.`, { next: `Run \`mortise deploy -a ${app}\`.` })
  return newest
}
