import { invalid } from '@mortise/contract/errors'
import type { Region, Stack } from '@mortise/contract/platform-api/apps'

// Since when they are there; clients sort and show it.
const since = '2026-11-01T00:00:00Z'

/**
 * Where apps and add-ons can be. The names and the cloud regions behind them are Heroku's common runtime, because
 * providers' manifests list them; one installation is in one place, whatever the name says.
 */
export const regions: readonly Region[] = [
  {
    country: 'United States',
    created_at: since,
    description: 'United States',
    id: '6d3f1a52-0c0b-4f0e-8a53-6f2f4f7f1c01',
    locale: 'Virginia',
    name: 'us',
    private_capable: false,
    provider: { name: 'amazon-web-services', region: 'us-east-1' },
    updated_at: since,
  },
  {
    country: 'Ireland',
    created_at: since,
    description: 'Europe',
    id: '6d3f1a52-0c0b-4f0e-8a53-6f2f4f7f1c02',
    locale: 'Dublin',
    name: 'eu',
    private_capable: false,
    provider: { name: 'amazon-web-services', region: 'eu-west-1' },
    updated_at: since,
  },
]
export const regionDefault = 'us'

export const stacks: readonly Stack[] = [
  {
    created_at: since,
    default: true,
    id: '6d3f1a52-0c0b-4f0e-8a53-6f2f4f7f2c01',
    name: 'mortise-24',
    state: 'public',
    updated_at: since,
  },
]
export const stackDefault = 'mortise-24'

/** What people and scripts bring along from Heroku means our one stack. */
const stackAliases = new Set(['heroku-22', 'heroku-24', 'heroku-26'])

export function findRegion(identity: string): Region | undefined {
  return regions.find((region) => region.name === identity || region.id === identity.toLowerCase())
}

/** Those of a manifest's regions that this installation has, for a sentence: a manifest also names regions of other platforms. */
export function regionsHere(named: readonly string[]): string {
  const here = regions.filter(({ name }) => named.includes('*') || named.includes(name)).map(({ name }) => name)
  return here.join(', ') || 'no region of this installation'
}

export function findStack(identity: string): Stack | undefined {
  const name = stackAliases.has(identity) ? stackDefault : identity
  return stacks.find((stack) => stack.name === name || stack.id === identity.toLowerCase())
}

/** The region that is meant. @throws WireError 422 that lists what there is */
export function regionMeant(identity: string | null | undefined): Region {
  const region = findRegion(identity ?? regionDefault)
  if (!region) {
    throw invalid(`There is no region "${identity}". Choose one of: ${regions.map((one) => one.name).join(', ')}.`)
  }
  return region
}

/** Its name alone. @throws WireError 422 that lists what there is */
export const regionNamed = (identity: string | null | undefined): string => regionMeant(identity).name

/** The name of the stack that is meant. @throws WireError 422 that lists what there is */
export function stackNamed(identity: string | null | undefined): string {
  if (identity === null || identity === undefined) return stackDefault
  const stack = findStack(identity)
  if (!stack)
    throw invalid(`There is no stack "${identity}". Choose one of: ${stacks.map((one) => one.name).join(', ')}.`)
  return stack.name
}
