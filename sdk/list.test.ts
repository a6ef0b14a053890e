import { afterEach, describe, expect, test } from 'vitest'
import { ask, manifest, password, uuids as nine } from './fixture.js'
import { createProvider, type Listening, later, memoryStore, type ProviderOptions, Refused } from './serve.js'

const uuids: string[] = nine
const auth = `fast-db:${password}`
const open: Listening[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map((each) => each.close()))))

async function start(change: Partial<ProviderOptions> = {}) {
  const store = memoryStore()
  const provider = createProvider({
    manifest,
    store,
    log: () => undefined,
    provision: async ({ uuid }) => ({ config: { FAST_DB_URL: `fast://${uuid}` } }),
    deprovision: async () => undefined,
    ...change,
  })
  const listening = await provider.listen(0)
  open.push(listening)
  const base = `${listening.url}/heroku/resources`
  const provision = (uuid: string) =>
    ask('POST', base, { auth, body: { uuid, plan: 'mini', region: 'r', options: {} } })
  const list = (query = '') => ask('GET', `${base}${query}`, { auth })
  return { store, base, provision, list }
}

describe('the list of what is kept', () => {
  test('names every resource, in pages, until it is removed', async () => {
    const { base, provision, list } = await start()
    for (const uuid of uuids.slice(0, 5)) await provision(uuid)
    const pages: string[][] = []
    for (let query = '?limit=2'; query; ) {
      const { status, json } = await list(query)
      expect(status).toBe(200)
      pages.push(json.resources.map(({ uuid, id }: { uuid: string; id: string }) => (uuid === id ? uuid : 'two ids')))
      query = json.next ? `?limit=2&after=${json.next}` : ''
    }
    expect(pages).toEqual([uuids.slice(0, 2), uuids.slice(2, 4), uuids.slice(4, 5)])
    await ask('DELETE', `${base}/${uuids[0]}`, { auth })
    expect((await list()).json).toMatchObject({ resources: uuids.slice(1, 5).map((uuid) => ({ uuid })), next: null })
  })

  test('holds what is being made or removed, and what broke half-way; not what was refused', async () => {
    const { base, provision, list } = await start({
      async provision({ uuid }) {
        if (uuid === uuids[0]) throw new Refused('Sold out.')
        if (uuid === uuids[1]) throw new Error('a bug')
        return later('soon')
      },
      deprovision: async () => later('soon'),
    })
    for (const uuid of uuids.slice(0, 4)) await provision(uuid)
    await ask('DELETE', `${base}/${uuids[3]}`, { auth })
    expect((await list()).json.resources.map(({ uuid }: { uuid: string }) => uuid)).toEqual(uuids.slice(1, 4))
  })

  test('is for the platform alone, and its words must make sense', async () => {
    const { base, list } = await start()
    expect((await ask('GET', base)).status).toBe(401)
    for (const query of ['?after=x', '?limit=0', '?limit=-1', '?limit=many'])
      expect((await list(query)).status).toBe(400)
    expect((await list('?limit=999999')).status).toBe(200)
  })
})
