export interface Plan {
  name: string
  human_name: string
  description: string
  cents: number
  sizeBytesMax: number
  connectionsMax: number
}

const gigabyte = 1024 ** 3

/** What is sold. The names never change; the limits are held by limits.ts and by the role itself. */
export const plans: readonly Plan[] = [
  {
    name: 'mini',
    human_name: 'Mini',
    description: 'For trying things out and for small apps.',
    cents: 500,
    sizeBytesMax: gigabyte,
    connectionsMax: 20,
  },
  {
    name: 'standard-0',
    human_name: 'Standard 0',
    description: 'For apps that people rely on.',
    cents: 5_000,
    sizeBytesMax: 64 * gigabyte,
    connectionsMax: 120,
  },
  {
    name: 'premium-0',
    human_name: 'Premium 0',
    description: 'For large and busy apps.',
    cents: 20_000,
    sizeBytesMax: 256 * gigabyte,
    connectionsMax: 400,
  },
]

/** Connections of the whole server: one largest plan in full use, and room for others and for ourselves. */
export const serverConnectionsMax = 500

/** @throws Error for a name that was never sold; requests with one are refused before they come here */
export function planNamed(name: string): Plan {
  const plan = plans.find((each) => each.name === name)
  if (!plan) throw new Error(`There is no plan named ${name}.`)
  return plan
}

/** "1 GB", "7.5 MB": binary units, as PostgreSQL counts. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let index = 0
  let value = bytes
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024
    index++
  }
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[index]}`
}
