import type { Checker } from './checker.js'

export const oneOpenCharge: Checker = {
  name: 'exactly one open charge for a live add-on, none for a dead one',
  when: 'always',
  check({ facts }) {
    return facts.addons.flatMap(({ id, name, state, priceId }) => {
      const open = facts.charges.filter((charge) => charge.addonId === id && charge.open)
      const wanted = state === 'provisioned' || state === 'provisioning' ? 1 : 0
      if (open.length !== wanted) return [`${name} is ${state} and has ${open.length} open charges`]
      const [charge] = open
      if (!charge) return []
      if (charge.confirmed !== (state === 'provisioned'))
        return [`${name} is ${state} and its charge is ${charge.confirmed ? '' : 'not '}confirmed`]
      return charge.priceId === priceId ? [] : [`${name} has another price than its open charge`]
    })
  },
}

export const noOverlap: Checker = {
  name: 'no moment of an add-on is billed twice, and none of its life is left out',
  when: 'always',
  check({ facts }) {
    return facts.addons.flatMap(({ id, name }) => {
      const segments = facts.charges.filter((charge) => charge.addonId === id)
      return segments.slice(1).flatMap((segment, at) => {
        const before = segments[at]
        const meets = before?.to?.getTime() === segment.from.getTime()
        return meets
          ? []
          : [`${name}: a segment begins ${segment.from.toISOString()}, the one before ends ${before?.to}`]
      })
    })
  },
}
