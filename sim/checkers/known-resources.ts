import { byId, type Checker } from './checker.js'

export const knownResources: Checker = {
  name: 'no resource at a provider is unknown to us',
  when: 'always',
  check({ facts, provider }) {
    const known = byId(facts.addons)
    return [...provider.resources.keys()].flatMap((uuid) => {
      const addon = known.get(uuid)
      if (!addon) return [`${uuid} was never asked for`]
      if (addon.debt !== null && addon.debt !== 'clear') return []
      if (addon.forgotten) return []
      return [`${addon.name} is ${addon.state}, the ledger says ${addon.debt}, and the provider has it`]
    })
  },
}
