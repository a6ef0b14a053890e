import { notFound } from '@mortise/contract/errors'
import type { DynoSize } from '@mortise/contract/platform-api/generations'
import { routes } from '@mortise/contract/platform-api/routes'
import { cedar } from '../catalog/generation.js'
import { type Handler, handle } from '../http/handle.js'
import { dynoSizeOf, dynoSizes } from './formation.js'

/**
 * What the names mean where they come from: GB of memory and shares of a processor. They are nominal: nothing here is
 * limited or charged by them. Source: Dev Center, "Dyno Types".
 */
const nominal: Record<string, { memory: number; compute: number; units: number }> = {
  Eco: { memory: 0.5, compute: 1, units: 1 },
  Basic: { memory: 0.5, compute: 1, units: 1 },
  'Standard-1X': { memory: 0.5, compute: 1, units: 1 },
  'Standard-2X': { memory: 1, compute: 2, units: 2 },
  'Performance-M': { memory: 2.5, compute: 12, units: 8 },
  'Performance-L': { memory: 14, compute: 50, units: 16 },
}

function dynoSizeView(name: string): DynoSize {
  const { memory = 0.5, compute = 1, units = 1 } = nominal[name] ?? {}
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    compute,
    cost: null,
    // All dynos share the machine, whatever their size is called.
    dedicated: false,
    generation: cedar,
    id: dynoSizes[name] ?? '',
    memory,
    name,
    precise_dyno_units: units,
    private_space_only: false,
  }
}

export function dynoSizeRoutes(): Handler[] {
  const all = Object.keys(dynoSizes).map(dynoSizeView)
  return [
    handle(routes.dynoSizes.list, async () => all),
    handle(routes.dynoSizes.listOfApp, async () => all),
    handle(routes.dynoSizes.info, async ({ params }) => {
      const found = all.find((one) => one.id === params.size.toLowerCase() || one.name === dynoSizeOf(params.size))
      if (!found) throw notFound('dyno_size', `There are ${Object.keys(dynoSizes).join(', ')}.`)
      return found
    }),
  ]
}
