import type { Generation } from '@mortise/contract/platform-api/generations'

/** Since when it is there; clients sort and show it. */
const since = '2026-11-01T00:00:00Z'

/** The one generation of apps that there is. Its id is ours, and fixed. */
export const cedar = { id: '3f6f2bd0-6d4b-4c6d-9b62-b1a5a4a0c3de', name: 'cedar' }

export const generations: readonly Generation[] = [{ created_at: since, updated_at: since, ...cedar }]

export function findGeneration(identity: string): Generation | undefined {
  return generations.find((one) => one.name === identity || one.id === identity.toLowerCase())
}
