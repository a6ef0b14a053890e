import { byId, type Checker } from './checker.js'

export const othersStay: Checker = {
  name: 'nothing is removed at a provider that was neither asked for nor adopted',
  when: 'always',
  check({ facts, provider }) {
    const adopted = new Set(facts.discrepancies.filter(({ state }) => state === 'adopted').map(({ key }) => key))
    return [...provider.takenFromOthers]
      .filter((key) => !adopted.has(key) && !adopted.has(`id:${key}`))
      .map((key) => `${key} was somebody else's, and was removed`)
  },
}

/** What the last lists, read when all was at rest, must have brought up: as `kind key`. */
export const differencesTold: Checker = {
  name: 'what a provider lists and the ledger knows otherwise is told, and nothing else is',
  when: 'settled',
  check({ facts, provider }) {
    const addons = byId(facts.addons)
    const idOf = new Map([...provider.ids].map(([id, uuid]) => [uuid, id]))
    /** By what it is told from others on a list. */
    const keyOf = (uuid: string) =>
      provider.offerOf(uuid).isV1 && !provider.listsUuids ? `id:${idOf.get(uuid)}` : uuid
    const wanted = new Set<string>()
    for (const [key, { isV1 }] of provider.strangers) wanted.add(`unknown ${isV1 ? `id:${key}` : key}`)
    for (const uuid of provider.resources.keys()) {
      const addon = addons.get(uuid)
      if (!addon) continue
      const isNamed = keyOf(uuid) === uuid || addon.providerId !== null
      if (!isNamed) wanted.add(`unknown ${keyOf(uuid)}`)
      else if (addon.debt === 'clear') wanted.add(`gone ${keyOf(uuid)}`)
    }
    for (const { id, state, debt, running } of facts.addons)
      if (state === 'provisioned' && debt === 'held' && running === 0 && !provider.resources.has(id))
        wanted.add(`missing ${id}`)
    const told = new Set(facts.discrepancies.filter(({ ended }) => !ended).map(({ kind, key }) => `${kind} ${key}`))
    return [
      ...[...wanted].filter((one) => !told.has(one)).map((one) => `${one} is told to nobody`),
      ...[...told].filter((one) => !wanted.has(one)).map((one) => `${one} is told and is not so`),
    ]
  },
}
