import type { Resource, ResourceStore, Tokens } from './resource.js'

/** A store that forgets everything with the process: for tests and first steps, not for customers' data. */
export function memoryStore(): ResourceStore {
  const resources = new Map<string, Resource>()
  const tokens = new Map<string, Tokens>()
  const used = new Map<string, number>()
  const queues = new Map<string, Promise<unknown>>()

  return {
    async get(uuid) {
      const resource = resources.get(uuid)
      return resource ? structuredClone(resource) : null
    },
    async list() {
      return [...resources.values()].map((resource) => structuredClone(resource))
    },
    async claim(uuid, work) {
      const turn = (queues.get(uuid) ?? Promise.resolve()).then(work)
      const settled = turn.catch(() => undefined)
      queues.set(uuid, settled)
      try {
        return await turn
      } finally {
        if (queues.get(uuid) === settled) queues.delete(uuid)
      }
    },
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
      tokens.set(uuid, its)
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

const emptied = {
  state: 'removed',
  options: {},
  config: null,
  message: null,
  logDrainUrl: null,
  planAnswer: null,
} as const
