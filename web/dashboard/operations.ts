import type { Operation, StoryLine } from '@mortise/contract/platform-api/operations'
import { queryOptions } from '@tanstack/react-query'
import { api, firstPage, routes } from '../api.js'
import { appKey } from './resources.js'

/** How many of the newest are looked through for what is under way. */
const newestMax = 20
/** What failed is shown for a while: whoever asked for it may have looked elsewhere. */
const failedMs = 60 * 60_000

/** What is done to an app and to the add-ons that it pays for, the newest first. */
export const operationsOfApp = (app: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'operations'],
    queryFn: ({ signal }) =>
      firstPage.call(routes.operations.listOfApp, {
        signal,
        params: { app },
        headers: { range: `created_at ..; order=desc, max=${newestMax}` },
      }),
    meta: { facts: ['operation'] },
  })

/** The same of one add-on, whichever app pays for it. */
export const operationsOfAddon = (app: string, addon: string) =>
  queryOptions({
    queryKey: [...appKey(app), 'operations-of', addon],
    queryFn: ({ signal }) => api.call(routes.operations.listOfAddon, { signal, params: { addon } }),
    meta: { facts: ['operation'] },
  })

/** What is worth a person's attention: what is under way, and what failed a short while ago and was not made good since. */
export function worthShowing(all: readonly Operation[], now: number): Operation[] {
  return all.filter((one) => {
    if (!one.ended_at) return true
    if (one.state !== 'unwound' || now - Date.parse(one.ended_at) > failedMs) return false
    return !all.some((other) => other.addon?.id === one.addon?.id && other.created_at > one.created_at)
  })
}

/** What to do about what failed, by what the provider's last word meant. */
export function nextStep(
  operation: Pick<Operation, 'state' | 'kind' | 'addon_service'>,
  story: readonly StoryLine[],
): string {
  const provider = operation.addon_service?.name ?? 'the provider'
  if (operation.state === 'stuck') return 'Nothing is lost. Your operator sees it and decides how it goes on.'
  const last = [...story].reverse().find((line) => line.answer)?.answer?.class
  switch (last) {
    case 'refused':
      return `Change what ${provider} objects to, or choose another plan, and order again.`
    case 'not sent':
      return 'Nothing was sent, so nothing was made. Try again in a few minutes.'
    case 'set-up fault':
    case 'defective':
      return `The fault is ${provider}’s, and it has been told. Try again later, or choose another service.`
    case 'not now':
      return `${provider} is busy. Try again in a few minutes.`
    case 'doubt':
      return 'If it was made after all, the platform removes it there. You pay nothing for it. Try again, or choose another service.'
    default:
      return operation.kind.startsWith('addon.provision') || operation.kind === 'app.change'
        ? 'Everything is as it was before, and nothing is billed. You can order again.'
        : 'Everything is as it was before. You can try again.'
  }
}
