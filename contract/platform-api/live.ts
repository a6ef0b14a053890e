import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Uuid } from './shared.js'

/** That something changed, as it happens. What it changed to is asked for where it is kept. */
export const Fact = Type.Object({
  /** create, update or destroy */
  action: Type.String(),
  app: Nullable(Type.Object({ id: Uuid })),
  id: Uuid,
  /** addon, addon-attachment, app, build, collaborator, domain, dyno, formation, operation, release, …; more may come. */
  resource: Type.String(),
})
export type Fact = Static<typeof Fact>

/** Seconds between comments that keep a silent stream open. */
export const liveBeatSeconds = 20

const how =
  `Server-sent events. Each event \`fact\` has a fact as its data and an id; whoever comes back with that id as
Last-Event-ID is told what came meanwhile, or \`lost\` when that is not known any more: then read everything anew. The stream
ends with the token or the right that opened it, and when the platform stops.`.replaceAll('\n', ' ')

const stream = { method: 'GET', scope: 'read', answer: Fact, status: 200, streams: true } as const

export const liveRoutes = {
  ofAccount: route({
    ...stream,
    path: '/stream',
    title: 'Stream of all your apps: what changes in any app that you may see',
    description: how,
    permission: 'account',
  }),
  ofApp: route({
    ...stream,
    path: '/apps/:app/stream',
    title: 'Stream of an app: what changes in it, and in the add-ons that are attached to it',
    description: how,
    permission: 'app.view',
  }),
  ofPlatform: route({
    ...stream,
    path: '/operations/stream',
    title: 'Stream of the platform: what changes anywhere, with the ledger and all operations',
    description: how,
    permission: 'operator',
  }),
}
