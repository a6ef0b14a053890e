import type { Resource, ResourceStore, Tokens } from './resource.js'

/** A store that forgets everything with the process: for tests and first steps, not for customers' data. */
export function memoryStore(): ResourceStore {
  const resources = new Map<string, Resource>()
  const tokens = new Map<string, Tokens>()
  const used = new Map<string, number>()
  const queue = createQueue()

  return {
    async get(uuid) {
      const resource = resources.get(uuid)
      return resource ? structuredClone(resource) : null
    },
    async list() {
      return [...resources.values()].map((resource) => structuredClone(resource))
    },
    claim: queue,
    async save(resource) {
      resources.set(resource.uuid, structuredClone(resource))
    },
    async remove(uuid) {
      const { name = null, plan = '', region = '' } = resources.get(uuid) ?? {}
      tokens.delete(uuid)
      resources.set(uuid, { uuid, name, plan, region, ...emptied })
    },
    async tokens(uuid) {
      return tokens.get(uuid) ?? null
    },
    async saveTokens(uuid, its) {
      // A removal may have come first; its tombstone keeps no tokens.
      if (resources.has(uuid) && resources.get(uuid)?.state !== 'removed') tokens.set(uuid, its)
    },
    async useOnce(token, until, now) {
      // Expired ones are dropped here: the map is bounded by the sign-ons of five minutes.
      for (const [other, end] of used) if (end < now.getTime()) used.delete(other)
      if (used.has(token)) return false
      used.set(token, until.getTime())
      return true
    },
  }
}

/** One after the other for each name, in this process. */
export function createQueue(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const queues = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => undefined)
    queues.set(name, settled)
    try {
      return await turn
    } finally {
      if (queues.get(name) === settled) queues.delete(name)
    }
  }
}

/** What a tombstone has in place of everything else. */
export const emptied = {
  state: 'removed',
  options: {},
  config: null,
  message: null,
  logDrainUrl: null,
  callbackUrl: null,
  logInputUrl: null,
  logDrainToken: null,
  planAnswer: null,
} as const
