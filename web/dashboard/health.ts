import type { Addon } from '@mortise/contract/platform-api/addons'
import type { App } from '@mortise/contract/platform-api/apps'
import type { Dyno } from '@mortise/contract/platform-api/dynos'
import type { Release } from '@mortise/contract/platform-api/releases'
import type { Shown } from './progress.js'

export interface Signs {
  app: Pick<App, 'maintenance' | 'kind'>
  /** Those that the app pays for. */
  addons: readonly Pick<Addon, 'state' | 'updated_at'>[]
  dynos: readonly Pick<Dyno, 'state'>[]
  /** The newest one. */
  release: Pick<Release, 'status' | 'slug'> | undefined
}

/** An add-on that is on its way for longer than this is worth a look. */
export const addonLongMs = 15 * 60_000

/** How an app is, in a word or two: what needs somebody first, then what is under way, then what is well. */
export function healthOf({ app, addons, dynos, release }: Signs, now: number): Shown {
  const moving = addons.filter(({ state }) => state === 'provisioning' || state === 'deprovisioning')
  if (dynos.some(({ state }) => state === 'crashed')) return { word: 'Crashed', tone: 'bad' }
  if (release?.status === 'failed') return { word: 'Last release failed', tone: 'bad' }
  if (moving.some(({ updated_at }) => now - Date.parse(updated_at) > addonLongMs))
    return { word: 'An add-on takes long', tone: 'warn' }
  if (app.maintenance) return { word: 'Maintenance', tone: 'warn' }
  if (release?.status === 'pending') return { word: 'Deploying', tone: 'busy' }
  if (moving.length > 0) return { word: 'An add-on is on its way', tone: 'busy' }
  if (app.kind === 'external') return { word: 'Runs elsewhere', tone: 'neutral' }
  if (dynos.some(({ state }) => state === 'starting')) return { word: 'Starting', tone: 'busy' }
  if (dynos.some(({ state }) => state === 'up')) return { word: 'Running', tone: 'good' }
  return { word: release?.slug ? 'Stopped' : 'Not deployed yet', tone: 'neutral' }
}
