import type { BuildpackInstallation } from '@mortise/contract/platform-api/builds'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Failure, wrongUsage } from './failure.js'

/** The buildpacks of an app, in their order; none means that one is detected. */
export async function buildpacksOf(api: Api, app: string): Promise<string[]> {
  const installed = await api.call(routes.builds.buildpacks, { params: { app } })
  return installed.sort((a, b) => a.ordinal - b.ordinal).map(({ buildpack }) => buildpack.name || buildpack.url)
}

export async function putBuildpacks(api: Api, app: string, all: readonly string[]): Promise<BuildpackInstallation[]> {
  const updates = all.map((buildpack) => ({ buildpack }))
  return await api.call(routes.builds.putBuildpacks, { params: { app }, body: { updates } })
}

/** With one at this place, counted from 1: before what is there, or at the end. */
export function withAdded(all: readonly string[], added: string, index = all.length + 1): string[] {
  if (all.map(bare).includes(bare(added))) throw new Failure(`${added} is there already.`)
  return all.toSpliced(index - 1, 0, added)
}

/** With another in this place, counted from 1. */
export function withSet(all: readonly string[], set: string, index = 1): string[] {
  return all.toSpliced(index - 1, 1, set)
}

/** Without the one of this name, or in this place. */
export function without(all: readonly string[], removed: { name?: string; index?: number }): string[] {
  if (!removed.name === !removed.index) throw wrongUsage('Which buildpack?', 'Name it, or pass --index.')
  const at = removed.name ? all.map(bare).indexOf(bare(removed.name)) : (removed.index ?? 0) - 1
  if (at < 0 || at >= all.length)
    throw new Failure(`There is no such buildpack. There are: ${all.join(', ') || 'none'}.`)
  return all.toSpliced(at, 1)
}

/** `heroku/nodejs` and `nodejs` are one: the platform leaves out whose it is. */
const bare = (name: string) => name.replace(/^heroku\//, '')
