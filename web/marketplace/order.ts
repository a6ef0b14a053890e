import { type Option, valueProblem } from '@mortise/contract/manifest/options'
import type { Addon } from '@mortise/contract/platform-api/addons'
import type { App } from '@mortise/contract/platform-api/apps'
import type { Change } from '@mortise/contract/platform-api/changes'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, routes, sentenceOf } from '../api.js'
import { askOnce } from '../ask-once.js'
import type { NewApp } from './new-app-fields.js'

/** What is being filled in. Everything is text, as it stands in the fields. */
export interface Order {
  /** One that is there; empty where a new one is made. */
  app: string
  newApp?: NewApp & { region: string }
  /** `fast-db:mini` */
  plan: string
  name: string
  attachment: string
  options: Record<string, string>
}

/** The body that orders it: as a dry run and as the real thing the same. */
function orderBody({ plan, name, attachment, options }: Order) {
  const given = Object.entries(options).filter(([, value]) => value !== '')
  return {
    plan,
    ...(name.trim() ? { name: name.trim() } : {}),
    ...(attachment.trim() ? { attachment: { name: attachment.trim() } } : {}),
    ...(given.length ? { config: Object.fromEntries(given) } : {}),
  }
}

function appBody({ name, region }: NonNullable<Order['newApp']>) {
  return { ...(name.trim() ? { name: name.trim() } : {}), region }
}

/** What of a rehearsal is shown, for an app that is there and for one that is not yet. */
export type Shown = Pick<Change, 'add_ons' | 'overwrites'>

/** What the server says would happen: it makes the change and takes it back. A refusal is its words. */
export const preview = (order: Order) =>
  queryOptions({
    queryKey: ['preview', order],
    staleTime: 10_000,
    retry: false,
    // The last answer stays while the next one is on its way, so that nothing jumps at each key.
    placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<Shown> => {
      const create = [orderBody(order)]
      const { app, newApp } = order
      if (!newApp) {
        const query = { dry_run: 'true' }
        return api.call(routes.changes.create, { params: { app }, query, body: { create }, signal })
      }
      const body = { ...appBody(newApp), ...(newApp.team ? { team: newApp.team } : {}), create }
      return api.call(routes.changes.rehearseNewApp, { body, signal })
    },
  })

/** The app was made, and its add-on was not. */
export class OnlyTheApp extends Error {
  constructor(
    readonly app: App,
    override readonly cause: unknown,
  ) {
    super(sentenceOf(cause))
  }
}

/**
 * Orders it, under the name that the preview showed: where the usual one is taken the server draws a colour, and would draw
 * another one now. A new app is made first; whatever becomes of the add-on, the app is then there.
 * @throws OnlyTheApp when the add-on did not follow its new app
 */
export async function place(order: Order, shown: Shown | undefined, confirm?: string): Promise<Addon> {
  const attachment = order.attachment.trim() || (shown?.add_ons[0]?.attachment ?? '')
  const made = order.newApp && (await makeApp(order.newApp))
  const params = { app: made?.name ?? order.app }
  const body = { ...orderBody({ ...order, attachment }), ...(confirm ? { confirm } : {}) }
  try {
    return await askOnce([params, body], (headers) => api.call(routes.addons.create, { params, body, headers }))
  } catch (error) {
    throw made ? new OnlyTheApp(made, error) : error
  }
}

function makeApp(app: NonNullable<Order['newApp']>): Promise<App> {
  const { team } = app
  const body = appBody(app)
  return askOnce([team, body], (headers) =>
    team
      ? api.call(routes.teamApps.create, { body: { ...body, team }, headers })
      : api.call(routes.apps.create, { body, headers }),
  )
}

/** What keeps an option from being sent, by its name. Said before the server would. */
export function wrongOptions(options: readonly Option[], given: Record<string, string>): Record<string, string> {
  const wrong: Record<string, string> = {}
  for (const option of options) {
    const value = given[option.name] ?? ''
    const problem = value === '' ? (option.isRequired ? 'is required' : null) : valueProblem(option, value)
    if (problem) wrong[option.name] = `${option.title} ${problem}.`
  }
  return wrong
}

/** What the fields begin with. */
export const firstValues = (options: readonly Option[]): Record<string, string> =>
  Object.fromEntries(options.map((option) => [option.name, option.default ?? '']))
