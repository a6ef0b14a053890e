import { type Checker, newestReleases } from './checker.js'

export const newestRuns: Checker = {
  name: 'what runs is the newest release that did not fail',
  when: 'settled',
  check({ facts, dynos }) {
    return facts.apps.flatMap(({ id, name, state }) => {
      const running = [...new Set(dynos.filter(({ appId }) => appId === id).map(({ version }) => version))]
      if (state !== 'live') return running.length ? [`${name} is ${state} and runs v${running.join(', v')}`] : []
      const pending = facts.releases.filter(({ appId, status }) => appId === id && status === 'pending')
      if (pending.length) return [`${name}: v${pending.map(({ version }) => version).join(', v')} is pending for ever`]
      const roll = facts.rolls.find(({ appId }) => appId === id)
      if (roll && roll.state !== 'idle') return [`${name} is still ${roll.state}`]
      const newest = newestReleases(facts).get(id)
      // What failed is not tried again: what went well last serves.
      const wanted =
        newest?.status === 'failed' ? facts.releases.find((one) => one.id === roll?.runningReleaseId) : newest
      if (running.length === 0 || !wanted) return []
      return running.length === 1 && running[0] === wanted.version
        ? []
        : [`${name} runs v${running.join(', v')} and v${wanted.version} should run`]
    })
  },
}

export const deployedRuns: Checker = {
  name: 'an app whose release went out has dynos',
  when: 'settled',
  check({ facts, dynos }) {
    return facts.rolls.flatMap(({ appId, runningReleaseId }) => {
      const app = facts.apps.find(({ id }) => id === appId)
      if (app?.state !== 'live' || runningReleaseId === null) return []
      return dynos.some((dyno) => dyno.appId === appId) ? [] : [`${app.name} went out and nothing of it runs`]
    })
  },
}
