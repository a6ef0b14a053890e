import type { Facts } from '../facts.js'
import { byId, type Checker } from './checker.js'

type Operation = Facts['operations'][number]

/** What each set-up has begun: its change, and the orders of that. */
function setupsOf({ operations }: Facts): { setup: Operation; change: Operation | undefined; orders: Operation[] }[] {
  const childrenOf = (id: string) => operations.filter(({ parentId }) => parentId === id)
  return operations
    .filter(({ saga }) => saga === 'app.setup')
    .map((setup) => {
      const change = childrenOf(setup.id).find(({ saga }) => saga === 'app.change')
      return { setup, change, orders: change ? childrenOf(change.id) : [] }
    })
}

export const doneSetupIsWhole: Checker = {
  name: 'a set-up that is done has its add-ons, its build and a release of it',
  when: 'always',
  check({ facts }) {
    const builds = byId(facts.builds)
    return setupsOf(facts).flatMap(({ setup, change, orders }) => {
      if (setup.state !== 'done') return []
      const wrong: string[] = []
      const of = `the set-up ${setup.id.slice(0, 8)} is done, and`
      if (change && change.state !== 'done') wrong.push(`${of} its change is ${change.state}`)
      for (const { state } of orders) if (state !== 'done') wrong.push(`${of} an order of it is ${state}`)
      if (builds.get(setup.id)?.status !== 'succeeded') wrong.push(`${of} its build is ${builds.get(setup.id)?.status}`)
      return wrong
    })
  },
}

export const failedSetupIsGone: Checker = {
  name: 'a set-up that failed leaves no app behind',
  when: 'always',
  check({ facts }) {
    const apps = byId(facts.apps)
    return setupsOf(facts).flatMap(({ setup }) => {
      const app = setup.appId === null ? undefined : apps.get(setup.appId)
      return setup.state === 'unwound' && app?.state === 'live' ? [`${app.name} is live (${setup.reason})`] : []
    })
  },
}

export const failedSetupOwesNothing: Checker = {
  name: 'what a failed set-up ordered is gone, and nothing of it is billed',
  when: 'settled',
  check({ facts }) {
    const apps = byId(facts.apps)
    const addons = byId(facts.addons)
    const billed = new Set(facts.charges.filter(({ open }) => open).map(({ addonId }) => addonId))
    return setupsOf(facts).flatMap(({ setup, orders }) => {
      if (setup.state !== 'unwound') return []
      const app = setup.appId === null ? undefined : apps.get(setup.appId)
      const wrong = app && app.state !== 'destroyed' ? [`${app.name} is ${app.state}`] : []
      for (const { subject } of orders) {
        const addon = addons.get(subject)
        if (addon && addon.state !== 'deprovisioned') wrong.push(`${addon.name} is ${addon.state}`)
        if (billed.has(subject)) wrong.push(`${addon?.name} is billed`)
      }
      return wrong
    })
  },
}
