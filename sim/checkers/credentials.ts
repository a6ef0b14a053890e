import { byId, type Checker } from './checker.js'

export const oneActive: Checker = {
  name: 'exactly one active credential for each live add-on, none for a dead one',
  when: 'always',
  check({ facts }) {
    return facts.addons.flatMap(({ id, name, state }) => {
      const mine = facts.credentials.filter(({ addonId }) => addonId === id)
      const active = mine.filter((one) => one.state === 'active').length
      if (active !== (state === 'provisioned' || state === 'deprovisioning' ? 1 : 0))
        return [`${name} is ${state} and has ${active} active credentials`]
      const kept = mine.filter((one) => !one.shredded).length
      return state === 'deprovisioned' && kept ? [`${name} is gone and ${kept} of its values are kept`] : []
    })
  },
}

export const noDynoOnRevoked: Checker = {
  name: 'no dyno runs on a revoked version',
  when: 'always',
  check({ facts, dynos, provider }) {
    const addons = byId(facts.addons)
    const valid = new Set(
      facts.credentials.flatMap(({ values, state }) => (state === 'revoked' ? [] : Object.values(values ?? {}))),
    )
    return dynos.flatMap(({ name, version, config }) =>
      Object.entries(config).flatMap(([key, value]) => {
        const addon = addons.get(provider.given.get(value) ?? '')
        // What was taken away runs on until the roll that takes it away has come.
        if (addon?.state !== 'provisioned' || valid.has(value)) return []
        return [`${name} of v${version} runs with a ${key} of ${addon.name} that was revoked`]
      }),
    )
  },
}
