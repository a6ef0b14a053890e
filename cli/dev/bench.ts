import { ApiError } from '@mortise/contract/client'
import type { Addon } from '@mortise/contract/platform-api/addons'
import { routes } from '@mortise/contract/platform-api/routes'
import { settledAddon, stateText } from '../addon.js'
import type { Api } from '../api.js'
import { Failure } from '../failure.js'
import { type SignedOn, signOnAsBrowser } from './sign-on.js'
import type { Mischief } from './tap.js'

/** A provider on the bench: what a customer would do to it, on one sample app. */
export interface Bench {
  /** The add-ons of the sample app, oldest first. */
  addons(): Promise<Addon[]>
  /** Orders one and waits until it is made. @param plan the default plan when absent */
  provision(plan?: string): Promise<Addon>
  /** @param plan the next one in the list when absent */
  changePlan(plan?: string): Promise<Addon>
  signOn(): Promise<SignedOn>
  /** The address that signs a person on in their browser. */
  pageUrl(): Promise<string>
  /** Names of the sample app's config vars that the newest add-on gave. */
  configNames(): Promise<string[]>
  /** Removes the newest one and waits until the provider said gone. */
  deprovision(): Promise<Addon>
  /** For the next request that creates, changes or removes. */
  misbehave(mischief: Mischief): void
  plans(): Promise<string[]>
}

export interface BenchOptions {
  api: Api
  slug: string
  app: string
  /** How long a provider that answers later, or not as hoped, is waited for. */
  waitSeconds: number
  misbehave(mischief: Mischief): void
}

export function createBench({ api, slug, app, waitSeconds, misbehave }: BenchOptions): Bench {
  const waiting = { intervalSeconds: 0.3, timeoutSeconds: waitSeconds }
  const plans = async () => {
    const all = await api.call(routes.catalog.plans, { params: { service: slug } })
    return [...all]
      .sort((a, b) => Number(b.default) - Number(a.default) || a.price.cents - b.price.cents)
      .map((plan) => plan.name.slice(slug.length + 1))
  }
  const addons = async () => {
    const all = await api.call(routes.addons.listOfApp, { params: { app } })
    return all
      .filter(({ addon_service, state }) => addon_service['name'] === slug && state !== 'deprovisioned')
      .sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  }
  const newest = async () => {
    const addon = (await addons()).at(-1)
    if (!addon) throw new Failure('There is no add-on yet.', { next: 'Provision one first.' })
    return addon
  }

  return {
    plans,
    addons,
    misbehave,
    async provision(plan) {
      const made = await api.call(routes.addons.create, {
        params: { app },
        headers: { 'x-heroku-legacy-provider-messages': 'true' },
        body: { plan: plan ? `${slug}:${plan}` : slug, attachment: {}, config: {} },
      })
      const settled = made.state === 'provisioning' ? await settledAddon(api, made, waiting) : made
      if (settled?.state !== 'provisioned') throw new Failure(`${made.name} is ${stateText(made.state)}.`)
      return settled
    },
    async changePlan(plan) {
      const addon = await newest()
      const all = await plans()
      const now = String(addon.plan['name']).slice(slug.length + 1)
      const next = plan ?? all[(all.indexOf(now) + 1) % all.length]
      if (!next || all.length < 2) throw new Failure(`${slug} has only one plan.`, { next: 'Add one to the manifest.' })
      const changed = await api.call(routes.addons.update, {
        params: { app, addon: addon.id },
        headers: { 'x-heroku-legacy-provider-messages': 'true' },
        body: { plan: `${slug}:${next}` },
      })
      // An answer that is not clear leaves the plan as it was, and the platform asks again.
      if (changed.plan['name'] !== `${slug}:${next}`) {
        throw new Failure(`The provider did not say clearly that the plan is ${next} now.`)
      }
      return changed
    },
    async signOn() {
      const addon = await newest()
      return signOnAsBrowser(await api.call(routes.addons.sso, { params: { app, addon: addon.id } }))
    },
    async pageUrl() {
      const addon = await newest()
      if (!addon.web_url) throw new Failure(`${slug} has no page.`, { next: 'Write "sso_url" into the manifest.' })
      return addon.web_url
    },
    configNames: async () => (await newest()).config_vars,
    async deprovision() {
      const addon = await newest()
      const asked = await api
        .call(routes.addons.destroy, { params: { app, addon: addon.id }, body: { force: true } })
        .catch((error) => {
          if (error instanceof ApiError && (error.status === 404 || error.status === 410)) return addon
          throw error
        })
      await settledAddon(api, { ...asked, state: 'deprovisioning' }, waiting)
      return addon
    },
  }
}

/** Makes the sample app unless it is there. */
export async function sampleApp(api: Api, name: string): Promise<void> {
  try {
    await api.call(routes.apps.info, { params: { app: name } })
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
    await api.call(routes.apps.create, { body: { name } })
  }
}
