import type { PlanAction } from '@mortise/contract/manifest/manifest'
import type { AddonState } from '@mortise/contract/platform-api/addons'
import type { Actor } from '../saga/saga.js'

/** One resource at a provider, for the customer who ordered it. */
export interface Addon {
  id: string
  name: string
  serviceId: string
  serviceName: string
  planId: string
  /** `service:plan`. */
  planName: string
  /** What its provider offers to do with it. */
  planActions: PlanAction[]
  priceId: string
  cents: number
  contract: boolean
  metered: boolean
  unit: string
  ownerId: string
  /** The billing app; null once the app is gone. */
  appId: string | null
  appName: string | null
  region: string
  state: AddonState
  providerId: string | null
  provisionMessage: string
  failedAt: Date | null
  createdAt: Date
  updatedAt: Date
  deprovisionedAt: Date | null
}

declare module '../http/handle.js' {
  interface Subjects {
    addon?: Addon
  }
}

/** Source: the API's add-on name rule; ours also keeps it sayable and short. */
const namePattern = /^[a-zA-Z][A-Za-z0-9_-]{0,62}[A-Za-z0-9]$/

/** Why this can't be an add-on's name, or null. */
export function addonNameProblem(name: string): string | null {
  if (namePattern.test(name)) return null
  return 'An add-on\'s name starts with a letter, ends with a letter or digit, holds letters, digits, "-" and "_" between, and has 2 to 64 characters.'
}

/** `postgresql-curved-12345`: the service's name without the house's, a shape, and a number. */
export function generatedName(serviceName: string, chance: () => number): string {
  const shapes =
    'acute angular arched broad circular concave conical convex crisp cubed curved deep elliptical fluted globular graceful infinite oval parallel planar polished regular rigid round shallow silhouetted slanted smooth solid sphered spiral square symmetrical tapered tetrahedral trapezoidal triangular vertical'.split(
      ' ',
    )
  const shape = shapes[Math.floor(chance() * shapes.length)] ?? 'round'
  const number = 10_000 + Math.floor(chance() * 90_000)
  return `${serviceName.replace(/^mortise-/, '')}-${shape}-${number}`
}

/** A provider speaks for itself, by this name. Source: webhooks' actor for provider-made changes. */
export function providerActor(addon: Pick<Addon, 'id' | 'serviceName'>): Actor {
  return { id: addon.id, email: `${addon.serviceName}@addons.heroku.com` }
}

/** How long a failed add-on can still be read by id and name, with its reason. */
export const failedReadableHours = 72

/** What events say of an add-on: names and states, never values. */
export type AddonFacts = { id: string; name: string; plan: string; state: AddonState }

export function addonFacts(addon: Addon): AddonFacts {
  return { id: addon.id, name: addon.name, plan: addon.planName, state: addon.state }
}
