import { type Option, valueProblem } from '@mortise/contract/manifest/options'
import type { Change } from '@mortise/contract/platform-api/changes'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, routes } from '../api.js'

/** What is being filled in. Everything is text, as it stands in the fields. */
export interface Order {
  app: string
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

/** What the server says would happen: it makes the change and takes it back. A refusal is its words. */
export const preview = (order: Order) =>
  queryOptions({
    queryKey: ['preview', order],
    enabled: order.app !== '' && order.plan !== '',
    staleTime: 10_000,
    retry: false,
    // The last answer stays while the next one is on its way, so that nothing jumps at each key.
    placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<Change> =>
      api.call(routes.changes.create, {
        params: { app: order.app },
        query: { dry_run: 'true' },
        body: { create: [orderBody(order)] },
        signal,
      }),
  })

/**
 * Orders it, under the name that the preview showed: where the usual one is taken the server draws a colour, and would draw
 * another one now.
 */
export function place(order: Order, shown: Change | undefined, confirm?: string) {
  const attachment = order.attachment.trim() || (shown?.add_ons[0]?.attachment ?? '')
  return api.call(routes.addons.create, {
    params: { app: order.app },
    body: { ...orderBody({ ...order, attachment }), ...(confirm ? { confirm } : {}) },
  })
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
