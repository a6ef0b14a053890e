import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Feature } from './accounts.js'
import { Identity, Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

/** Source: the API's app name rule; a name is also a host label. */
export const appNamePattern = '^[a-z][a-z0-9-]{1,28}[a-z0-9]$'

/** Whether the platform runs an app, or the app runs elsewhere and takes its config from here. */
export const AppKind = Type.Union([Type.Literal('hosted'), Type.Literal('external')])

export const App = Type.Object({
  acm: Type.Boolean(),
  archived_at: Nullable(Timestamp),
  build_stack: Ref,
  buildpack_provided_description: Nullable(Type.String()),
  create_status: Type.String(),
  created_at: Timestamp,
  generation: Ref,
  git_url: Type.String(),
  id: Uuid,
  internal_routing: Nullable(Type.Boolean()),
  /** Ours. */
  kind: Type.Optional(AppKind),
  /** Ours, of an app that runs elsewhere: the newest release whose config it said to run with. */
  acknowledged_version: Type.Optional(Nullable(Type.Integer())),
  /** Of a team's app only: whether the caller may see it through the team alone. */
  locked: Type.Optional(Type.Boolean()),
  maintenance: Type.Boolean(),
  name: Type.String(),
  organization: Nullable(Ref),
  owner: UserRef,
  region: Ref,
  released_at: Nullable(Timestamp),
  repo_size: Nullable(Type.Integer()),
  slug_size: Nullable(Type.Integer()),
  space: Type.Null(),
  stack: Ref,
  team: Nullable(Ref),
  updated_at: Timestamp,
  web_url: Nullable(Type.String()),
})
export type App = Static<typeof App>

/** An app as what is about teams shows it. */
export const TeamApp = Type.Object({
  ...App.properties,
  /** Whether the caller works on it, beyond what the team gives. */
  joined: Type.Boolean(),
  locked: Type.Boolean(),
})
export type TeamApp = Static<typeof TeamApp>

export const Collaborator = Type.Object({
  app: Ref,
  created_at: Timestamp,
  id: Uuid,
  permissions: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
  role: Nullable(Type.String()),
  updated_at: Timestamp,
  user: Type.Object({ id: Uuid, email: Type.String(), federated: Type.Boolean() }),
})
export type Collaborator = Static<typeof Collaborator>

const list = { fields: ['id', 'name', 'created_at', 'updated_at'] } as const

/** What a collaborator may do; which ones there are is checked with words. */
const Permissions = Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 })

export const appRoutes = {
  list: route({
    method: 'GET',
    path: '/apps',
    title: 'App list',
    permission: 'bearer',
    scope: 'read',
    answer: Type.Array(App),
    status: 200,
    list,
  }),
  listOfUser: route({
    method: 'GET',
    path: '/users/:user/apps',
    title: 'App list of a user',
    permission: 'bearer',
    scope: 'read',
    answer: Type.Array(App),
    status: 200,
    list,
  }),
  create: route({
    method: 'POST',
    path: '/apps',
    title: 'App create',
    permission: 'account',
    scope: 'write',
    body: Type.Object({
      kind: Type.Optional(AppKind),
      name: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      region: Type.Optional(Nullable(Identity)),
      stack: Type.Optional(Nullable(Identity)),
    }),
    answer: App,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app',
    title: 'App info',
    permission: 'app.view+partner',
    scope: 'read',
    answer: App,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/apps/:app',
    title: 'App update',
    permission: 'app.manage',
    scope: 'write',
    body: Type.Object({
      name: Type.Optional(Type.String({ maxLength: 100 })),
      maintenance: Type.Optional(Type.Boolean()),
      build_stack: Type.Optional(Identity),
    }),
    answer: App,
    status: 200,
  }),
  destroy: route({
    method: 'DELETE',
    path: '/apps/:app',
    title: 'App destroy',
    permission: 'app.manage',
    scope: 'write',
    body: Type.Optional(Type.Object({ force: Type.Optional(Type.Boolean()) })),
    answer: App,
    status: 200,
  }),
  collaborators: route({
    method: 'GET',
    path: '/apps/:app/collaborators',
    title: 'Collaborator list',
    permission: 'app.view+partner',
    scope: 'read',
    answer: Type.Array(Collaborator),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  addCollaborator: route({
    method: 'POST',
    path: '/apps/:app/collaborators',
    title: 'Collaborator create',
    permission: 'app.manage',
    scope: 'write',
    body: Type.Object({
      /** Ours, as for a team's app: without it everything but `manage`. */
      permissions: Type.Optional(Permissions),
      silent: Type.Optional(Type.Boolean()),
      user: Identity,
    }),
    answer: Collaborator,
    status: 201,
  }),
  collaborator: route({
    method: 'GET',
    path: '/apps/:app/collaborators/:collaborator',
    title: 'Collaborator info, by id or e-mail',
    permission: 'app.view+partner',
    scope: 'read',
    answer: Collaborator,
    status: 200,
  }),
  updateCollaborator: route({
    method: 'PATCH',
    path: '/apps/:app/collaborators/:collaborator',
    title: "Collaborator update: ours, as for a team's app",
    permission: 'app.manage',
    scope: 'write',
    body: Type.Object({ permissions: Permissions }),
    answer: Collaborator,
    status: 200,
  }),
  removeCollaborator: route({
    method: 'DELETE',
    path: '/apps/:app/collaborators/:collaborator',
    title: 'Collaborator delete: by whoever manages the app, or by the collaborator who leaves',
    permission: 'app.view',
    scope: 'write',
    answer: Collaborator,
    status: 200,
  }),
  features: route({
    method: 'GET',
    path: '/apps/:app/features',
    title: 'App feature list; there are none',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Feature),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  feature: route({
    method: 'GET',
    path: '/apps/:app/features/:feature',
    title: 'App feature info',
    permission: 'app.view',
    scope: 'read',
    answer: Feature,
    status: 200,
  }),
  updateFeature: route({
    method: 'PATCH',
    path: '/apps/:app/features/:feature',
    title: 'App feature update',
    permission: 'app.operate',
    scope: 'write',
    body: Type.Object({ enabled: Type.Boolean() }),
    answer: Feature,
    status: 200,
  }),
  filter: route({
    method: 'POST',
    path: '/filters/apps',
    title: 'App list by ids, as far as the caller may see them',
    permission: 'bearer',
    scope: 'read',
    body: Type.Optional(
      Type.Object({
        in: Type.Optional(
          Type.Object({ id: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 1000 })) }),
        ),
      }),
    ),
    answer: Type.Array(TeamApp),
    status: 200,
    list,
  }),
  // Clients send a second factor here once they were asked for one. Nothing here asks, so there is nothing to remember.
  preAuthorize: route({
    method: 'PUT',
    path: '/apps/:app/pre-authorizations',
    title: 'Second factor for an app; none is needed',
    permission: 'app.view',
    scope: 'write',
    answer: Type.Object({}),
    status: 200,
  }),
  pipelineCouplings: route({
    method: 'GET',
    path: '/apps/:app/pipeline-couplings',
    title: 'The pipeline of an app; always 404, since there are none',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Object({ id: Uuid }),
    status: 200,
  }),
}

export const Region = Type.Object({
  country: Type.String(),
  created_at: Timestamp,
  description: Type.String(),
  id: Uuid,
  locale: Type.String(),
  name: Type.String(),
  private_capable: Type.Boolean(),
  provider: Type.Object({ name: Type.String(), region: Type.String() }),
  updated_at: Timestamp,
})
export type Region = Static<typeof Region>

export const Stack = Type.Object({
  created_at: Timestamp,
  default: Type.Boolean(),
  id: Uuid,
  name: Type.String(),
  state: Type.String(),
  updated_at: Timestamp,
})
export type Stack = Static<typeof Stack>

/** What every app can be made with. */
export const placeRoutes = {
  regions: route({
    method: 'GET',
    path: '/regions',
    title: 'Region list',
    permission: 'anyone',
    scope: 'read',
    answer: Type.Array(Region),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  region: route({
    method: 'GET',
    path: '/regions/:region',
    title: 'Region info',
    permission: 'anyone',
    scope: 'read',
    answer: Region,
    status: 200,
  }),
  stacks: route({
    method: 'GET',
    path: '/stacks',
    title: 'Stack list',
    permission: 'anyone',
    scope: 'read',
    answer: Type.Array(Stack),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  stack: route({
    method: 'GET',
    path: '/stacks/:stack',
    title: 'Stack info',
    permission: 'anyone',
    scope: 'read',
    answer: Stack,
    status: 200,
  }),
}
