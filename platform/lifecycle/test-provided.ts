import { type LyingProvider, lyingProvider } from '../../test/lying-provider.js'
import { manifestOf } from '../addons/test-addons.js'
import { pushManifest } from '../catalog/push.js'
import { type House, testHouse } from '../start/test-house.js'

/** What honest provisions of these providers answer. */
export const value = 'fast://user:secret-value@127.0.0.1/db'
const password = 'password-of-32-random-characters'

export type ProvidedHouse<Name extends string> = Awaited<ReturnType<typeof providedHouse<Name>>>

/**
 * All rooms behind the real server, with a provider party over HTTP for each service. Plans are mini and standard-0; each
 * sets FAST_DB_URL under the prefix FAST_DB unless its manifest says otherwise. The first person owns the services.
 */
export async function providedHouse<Name extends string>(
  names: readonly [Name, ...Name[]],
  services: Record<string, Record<string, unknown>>,
  place: { isAtHome: boolean } = { isAtHome: true },
) {
  const house: House<Name> = await testHouse(names, {}, place)
  const providers: Record<string, LyingProvider> = {}

  /** Asks, and takes nothing but success. */
  async function must(...asked: Parameters<typeof house.ask>) {
    const answer = await house.ask(...asked)
    if (answer.status >= 300) throw new Error(`${asked[1]} ${asked[2]}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  for (const [slug, api] of Object.entries(services)) {
    const provider = await lyingProvider(password, slug)
    providers[slug] = provider
    const production = { base_url: `${provider.url}/heroku/resources`, sso_url: `${provider.url}/sso` }
    const naming = { config_vars: ['FAST_DB_URL'], config_vars_prefix: 'FAST_DB' }
    const contents = manifestOf(slug, {}, { ...naming, production, ...api })
    await push(slug, contents)
  }

  /** By hand, since away from home no provider may listen on this machine. */
  async function push(slug: string, contents: object) {
    const { db, world, secrets } = house
    const pusher = house.people[names[0]]
    return pushManifest({ db, world, secrets, installation: { localhost: true } }, pusher, slug, contents)
  }

  /** The manifest that is in force with other plans. */
  async function putPlans(slug: string, plans: object[]) {
    const path = `/api/v3/addons/${slug}/current_manifest`
    await push(slug, { ...(await must(names[0], 'GET', path)).contents, plans })
  }

  return {
    ...house,
    must,
    putPlans,
    provider(slug: string): LyingProvider {
      const found = providers[slug]
      if (!found) throw new Error(`there is no provider of ${slug}`)
      return found
    },
    /** Works off the operations that are due. */
    async work() {
      while (await house.engine.workOne());
    },
    async end() {
      await house.end()
      for (const provider of Object.values(providers)) await provider.stop()
    },
  }
}
