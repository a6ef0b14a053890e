import { environmentOf, headOf } from '../../platform/releases/environment.js'
import type { Facts } from '../facts.js'
import { byId, type Checker, newestReleases } from './checker.js'

/** What an app must see, made from the rows by other means than the platform's own. */
function expected(facts: Facts, app: Facts['apps'][number]): Record<string, string> {
  const config = { ...(app.snapshotId ? facts.vars.get(app.snapshotId) : {}) }
  const addons = byId(facts.addons)
  for (const { appId, addonId, names, detached } of facts.attachments) {
    if (appId !== app.id || detached || addons.get(addonId)?.state !== 'provisioned') continue
    const values = facts.credentials.find((one) => one.addonId === addonId && one.state === 'active')?.values ?? {}
    for (const [theirs, value] of Object.entries(values)) config[names[theirs] ?? `not mapped: ${theirs}`] = value
  }
  return config
}

function differences(shown: Record<string, string>, wanted: Record<string, string>): string[] {
  return [...new Set([...Object.keys(shown), ...Object.keys(wanted)])].filter((name) => shown[name] !== wanted[name])
}

export const configIsItsParts: Checker = {
  name: "an app's config is its vars and its attachments' credentials",
  when: 'settled',
  async check({ facts, db, secrets }) {
    const wrong: string[] = []
    for (const app of facts.apps.filter(({ state }) => state === 'live')) {
      const wanted = expected(facts, app)
      const head = differences(await headOf(db, secrets, app), wanted)
      if (head.length) wrong.push(`${app.name} shows another ${head.join(', ')}`)
      const newest = newestReleases(facts).get(app.id)
      const released = newest ? differences((await environmentOf(db, secrets, newest.id)).config, wanted) : []
      if (released.length)
        wrong.push(`${app.name} v${newest?.version} was released with another ${released.join(', ')}`)
      const owned = new Set(facts.configNames.filter(({ appId }) => appId === app.id).map(({ name }) => name))
      const ownerless = Object.keys(wanted).filter((name) => !owned.has(name))
      if (ownerless.length) wrong.push(`${app.name}: nobody owns ${ownerless.join(', ')}`)
    }
    return wrong
  },
}

export const changeHasRelease: Checker = {
  name: 'every change of config has a release',
  when: 'always',
  check({ facts }) {
    const addons = byId(facts.addons)
    const attachments = byId(facts.attachments)
    const newest = newestReleases(facts)
    return facts.apps.flatMap((app) => {
      if (app.state !== 'live') return []
      const release = newest.get(app.id)
      if (!release) return [`${app.name} has no release`]
      if (release.snapshotId !== app.snapshotId) return [`${app.name} has other vars than its newest release`]
      const pinned = new Set(release.pins.map(({ attachmentId }) => attachmentId))
      const left = facts.attachments.filter(
        ({ id, appId, addonId, detached }) =>
          appId === app.id && !detached && addons.get(addonId)?.state === 'provisioned' && !pinned.has(id),
      )
      // An add-on that is taken away from other apps, too, makes their releases one by one.
      const kept = [...pinned].filter((id) => {
        const attachment = attachments.get(id)
        const addon = attachment && addons.get(attachment.addonId)
        const goesOn = addon?.state === 'deprovisioning' && addon.step === 'release elsewhere'
        return attachment?.detached !== false && !goesOn
      })
      return [
        ...left.map(({ name }) => `${app.name} v${release.version} does not pin ${name}`),
        ...kept.map((id) => `${app.name} v${release.version} pins ${attachments.get(id)?.name}, which is detached`),
      ]
    })
  },
}

export const versionsInOrder: Checker = {
  name: "an app's releases are v1, v2, v3 … without a gap",
  when: 'always',
  check({ facts }) {
    const last = new Map<string, number>()
    return facts.releases.flatMap(({ appId, version }) => {
      const before = last.get(appId) ?? 0
      last.set(appId, version)
      return version === before + 1 ? [] : [`v${version} of ${appId.slice(0, 8)} comes after v${before}`]
    })
  },
}

export const oneOwner: Checker = {
  name: 'a config var name has one owner, and it is alive',
  when: 'always',
  check({ facts }) {
    const attachments = byId(facts.attachments)
    const addons = byId(facts.addons)
    return facts.configNames.flatMap(({ name, attachmentId }) => {
      const attachment = attachmentId ? attachments.get(attachmentId) : undefined
      if (!attachment) return []
      const alive = !attachment.detached && addons.get(attachment.addonId)?.state !== 'deprovisioned'
      return alive ? [] : [`${name} is owned by an attachment that is gone`]
    })
  },
}

export const noCrossTalk: Checker = {
  name: "an add-on's values are its own provider's, for that very resource",
  when: 'always',
  check({ facts, provider }) {
    return facts.credentials.flatMap(({ addonId, version, values }) =>
      Object.values(values ?? {}).flatMap((value) =>
        provider.given.get(value) === addonId ? [] : [`version ${version} of ${addonId.slice(0, 8)} holds ${value}`],
      ),
    )
  },
}
