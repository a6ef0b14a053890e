import type { Addon } from '@mortise/contract/platform-api/addons'
import type { Plan } from '@mortise/contract/platform-api/catalog'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Failure } from './failure.js'
import { type Clock, orGone, realClock, type Waiting, waitUntil } from './wait.js'

/** Asks for the plan's price and the service's full record inside each add-on. */
export const expanded = { 'accept-expansion': 'addon_service,plan' }

// The state as people say it. Source: the words of the field's CLI.
const stateWords: Record<Addon['state'], string> = {
  provisioning: 'creating',
  provisioned: 'created',
  deprovisioning: 'destroying',
  deprovisioned: 'errored',
}
export function stateText(state: Addon['state']): string {
  return stateWords[state]
}

/** The whole plan when the server was asked to expand it, else nothing. */
export function fullPlan(addon: Addon): Plan | undefined {
  return 'price' in addon.plan ? (addon.plan as Plan) : undefined
}

export function serviceName(addon: Addon): string {
  return String(addon.addon_service['name'])
}

/**
 * The one add-on meant by a name, an attachment's name, `app::ATTACHMENT` or a service's slug.
 * @throws Failure naming all candidates when there are several
 */
export async function resolveAddon(api: Api, identity: string, app?: string): Promise<Addon> {
  const found = await api.call(routes.addons.resolve, {
    body: { addon: identity, app: app ?? null },
    headers: expanded,
  })
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw new Failure(`Couldn't find the add-on ${identity}.`, { next: 'Run `mortise addons`.' })
  const names = found.map((addon) => `${addon.name} (on ${addon.app.name})`).join(', ')
  throw new Failure(`${identity} could be ${names}.`, { next: 'Name one of them.' })
}

/**
 * Waits until an add-on is made or gone; `null` when it is gone.
 * @throws Failure when the provider did not make it, or when the time is over (it goes on by itself)
 */
export async function settledAddon(
  api: Api,
  addon: Pick<Addon, 'id' | 'name' | 'app' | 'state'>,
  waiting: Waiting,
  clock: Clock = realClock,
): Promise<Addon | null> {
  const creating = addon.state === 'provisioning'
  const settled = await waitUntil(
    () =>
      orGone(
        api.call(routes.addons.infoOfApp, { params: { app: addon.app.name, addon: addon.id }, headers: expanded }),
      ),
    (seen) => seen === null || (seen.state !== 'provisioning' && seen.state !== 'deprovisioning'),
    waiting,
    (seconds) =>
      new Failure(`${addon.name} is still being ${creating ? 'created' : 'destroyed'} after ${seconds} s.`, {
        next: `It goes on by itself. Wait on with \`mortise addons:wait ${addon.name} -a ${addon.app.name}\`.`,
      }),
    clock,
  )
  if (!creating) return settled?.state === 'deprovisioned' ? null : settled
  if (settled?.state === 'provisioned') return settled
  throw new Failure(
    `${addon.name} was not created.${settled?.provision_message ? ` ${settled.provision_message}` : ''}`,
  )
}

/** `DATABASE_URL, DATABASE_POOL_URL` as one phrase: `as A`, `as A and B`. */
export function configNames(addon: Addon): string {
  const names = addon.config_vars
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
