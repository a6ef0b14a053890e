import { notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { ledgerStates, operationStates } from '@mortise/contract/platform-api/operations'
import { routes } from '@mortise/contract/platform-api/routes'
import { addonIn } from '../addons/routes.js'
import { appIn } from '../apps/subject.js'
import { type Handler, handle } from '../http/handle.js'
import { oneOf } from '../http/one-of.js'
import type { LifecycleDeps } from '../lifecycle/deps.js'
import { readKept } from './kept-answers.js'
import { findEntry, listEntries } from './ledger-store.js'
import { adoptDebt, forgetEntry, retryDebt } from './ledger-verbs.js'
import { ledgerView } from './ledger-view.js'
import { findKnown, type Known, listKnown, listKnownOfAddon, listKnownOfApp } from './operation-store.js'
import { cancel, retry, settle } from './operation-verbs.js'
import { operationsWithStories, operationView, operationWithStory } from './operation-view.js'

/** Rows that a list looks at; open ones and stuck ones come first. */
const listedMax = 5_000
/** The newest stories of one add-on, or one app, that are told whole. */
const storiesMax = 20

/** What runs, what waits and for whom, what is stuck and why, and the verbs that repair it. */
export function operationRoutes(deps: LifecycleDeps): Handler[] {
  const { db } = deps
  const told = (known: Known) => operationWithStory(db, known, 'operator')
  const orderOf = (context: { params: { operation: string }; actor: Known['actor']; body: unknown }) => ({
    id: context.params.operation,
    actor: context.actor,
    reason: (context.body as { reason?: string | null } | undefined)?.reason ?? null,
  })

  return [
    handle(routes.operations.list, async ({ query }) => {
      const filter = {
        state: oneOf(query['eq[state]'], [...operationStates, 'open'] as const, 'eq[state]'),
        app: query['eq[app]'],
        addon: query['eq[addon]'],
        provider: query['eq[provider]'],
      }
      return (await listKnown(db, filter, listedMax)).map((known) => operationView(known, 'operator'))
    }),
    handle(routes.operations.info, async ({ params }) => {
      const known = isUuid(params.operation) ? await findKnown(db, params.operation) : undefined
      if (!known) throw notFound('operation')
      return told(known)
    }),
    handle(routes.operations.listOfAddon, async ({ subjects }) => {
      const known = await listKnownOfAddon(db, addonIn(subjects).id, storiesMax)
      return operationsWithStories(db, known, 'customer')
    }),
    handle(routes.operations.listOfApp, async ({ subjects }) => {
      const known = await listKnownOfApp(db, appIn(subjects).id, storiesMax)
      return operationsWithStories(db, known, 'customer')
    }),
    handle(routes.operations.retry, async (context) => told(await retry(deps, orderOf(context)))),
    handle(routes.operations.cancel, async (context) => told(await cancel(deps, orderOf(context)))),
    handle(routes.operations.settle, async (context) =>
      told(await settle(deps, { ...orderOf(context), outcome: context.body.outcome })),
    ),

    handle(routes.ledger.list, async ({ query }) => {
      const state = oneOf(query['eq[state]'], ledgerStates, 'eq[state]')
      const states = state ? [state] : ledgerStates.filter((one) => one !== 'clear')
      return (await listEntries(db, { states, provider: query['eq[provider]'] }, listedMax)).map(ledgerView)
    }),
    handle(routes.ledger.info, async ({ params }) => {
      const entry = await findEntry(db, params.addon)
      if (!entry) throw notFound('add_on')
      return ledgerView(entry)
    }),
    handle(routes.ledger.answers, async ({ params, actor }) => readKept(deps, params.addon, actor)),
    handle(routes.ledger.retry, async ({ params, actor, body }) =>
      ledgerView(await retryDebt(deps, { addon: params.addon, actor, reason: body?.reason ?? null })),
    ),
    handle(routes.ledger.adopt, async ({ params, actor, body }) => {
      const order = { addon: params.addon, actor, reason: body.reason, providerId: body.provider_id ?? null }
      return ledgerView(await adoptDebt(deps, order))
    }),
    handle(routes.ledger.forget, async ({ params, actor, body }) =>
      ledgerView(await forgetEntry(deps, { addon: params.addon, actor, reason: body.reason })),
    ),
  ]
}
