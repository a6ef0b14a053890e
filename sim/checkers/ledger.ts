import { byId, type Checker } from './checker.js'

export const provisionedIsThere: Checker = {
  name: 'what is provisioned is at the provider',
  when: 'settled',
  check({ facts, provider }) {
    return facts.addons
      .filter(({ id, state }) => state === 'provisioned' && !provider.resources.has(id) && !provider.forgotten.has(id))
      .map(({ name }) => `${name} is provisioned and the provider has no such resource`)
  },
}

export const goneIsGone: Checker = {
  name: 'what is gone here is gone there',
  when: 'settled',
  check({ facts, provider }) {
    return facts.addons
      .filter(
        ({ id, state, debt, forgotten }) =>
          state === 'deprovisioned' && provider.resources.has(id) && debt !== 'stuck' && !forgotten,
      )
      .map(({ name, debt }) => `${name} is gone here (ledger: ${debt}) and the provider still has it`)
  },
}

export const everyDebtIsSettled: Checker = {
  name: 'every debt is paid, held or stuck',
  when: 'settled',
  check({ facts }) {
    return facts.addons
      .filter(
        ({ state, debt }) =>
          debt === null ||
          ['asked', 'owed', 'watching'].includes(debt) ||
          (debt === 'held') !== (state === 'provisioned'),
      )
      .map(({ name, state, debt }) => `${name} is ${state} and the ledger says ${debt}`)
  },
}

export const samePlan: Checker = {
  name: 'the plan that is billed is the plan at the provider',
  when: 'settled',
  check({ facts, provider }) {
    const stuck = new Set(facts.operations.filter(({ state }) => state === 'stuck').map(({ subject }) => subject))
    const addons = byId(facts.addons)
    return [...provider.resources].flatMap(([uuid, plan]) => {
      const addon = addons.get(uuid)
      if (addon?.state !== 'provisioned' || stuck.has(uuid) || addon.plan === plan) return []
      return [`${addon.name} is billed as ${addon.plan} and is ${plan} at the provider`]
    })
  },
}
