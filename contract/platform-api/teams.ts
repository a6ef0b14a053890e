import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Feature } from './accounts.js'
import { AppKind, Collaborator, TeamApp } from './apps.js'
import { Identity, Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

/** Source: the API's team-member schema. */
export const teamRoles = ['owner', 'admin', 'member', 'viewer', 'collaborator'] as const
export type TeamRole = (typeof teamRoles)[number]
const Role = Type.Union(teamRoles.map((role) => Type.Literal(role)))

export const Team = Type.Object({
  created_at: Timestamp,
  credit_card_collections: Type.Boolean(),
  default: Type.Boolean(),
  enterprise_account: Type.Null(),
  id: Uuid,
  identity_provider: Type.Null(),
  membership_limit: Nullable(Type.Integer()),
  name: Type.String(),
  provisioned_licenses: Type.Boolean(),
  /** The caller's own. */
  role: Nullable(Role),
  type: Type.Literal('team'),
  updated_at: Timestamp,
})
export type Team = Static<typeof Team>

export const TeamMember = Type.Object({
  created_at: Timestamp,
  email: Type.String(),
  federated: Type.Boolean(),
  id: Uuid,
  identity_provider: Type.Null(),
  role: Role,
  two_factor_authentication: Type.Boolean(),
  updated_at: Timestamp,
  user: Type.Object({ email: Type.String(), id: Uuid, name: Nullable(Type.String()) }),
})
export type TeamMember = Static<typeof TeamMember>

export const AllowedService = Type.Object({
  added_at: Timestamp,
  added_by: UserRef,
  addon_service: Type.Object({ human_name: Type.String(), id: Uuid, name: Type.String() }),
  id: Uuid,
})
export type AllowedService = Static<typeof AllowedService>

/**
 * `token` and `url` are whole only in the answer that makes it: no mail is sent, whoever invites hands the link on. `user`
 * has an id of zeros while there is no account of that address.
 */
export const TeamInvitation = Type.Object({
  created_at: Timestamp,
  /** Ours: until when it can be accepted. */
  expires_at: Timestamp,
  id: Uuid,
  invited_by: Type.Object({ email: Type.String(), id: Uuid, name: Nullable(Type.String()) }),
  role: Role,
  team: Ref,
  token: Nullable(Type.String()),
  updated_at: Timestamp,
  url: Nullable(Type.String()),
  user: Type.Object({ email: Type.String(), id: Uuid, name: Nullable(Type.String()) }),
})
export type TeamInvitation = Static<typeof TeamInvitation>

/** Who may do what with one thing of a team. */
export const PermissionEntity = Type.Object({
  id: Uuid,
  name: Type.String(),
  team_id: Uuid,
  type: Type.Literal('app'),
  users: Type.Array(Type.Object({ email: Type.String(), id: Uuid, permissions: Type.Array(Type.String()) })),
})
export type PermissionEntity = Static<typeof PermissionEntity>

const AppPermission = Type.Object({ name: Type.String(), description: Type.String() })
const MemberBody = Type.Object({
  email: Type.String({ minLength: 3, maxLength: 320 }),
  federated: Type.Optional(Type.Boolean()),
  role: Role,
})
const NewMember = { permission: 'team.admin', scope: 'write', body: MemberBody, answer: TeamMember } as const
const members = '/teams/:team/members'

export const teamRoutes = {
  list: route({
    method: 'GET',
    path: '/teams',
    title: 'Team list',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(Team),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  create: route({
    method: 'POST',
    path: '/teams',
    title: 'Team create; whoever makes it is its admin',
    permission: 'account',
    scope: 'write',
    body: Type.Object({ name: Type.String({ maxLength: 100 }) }),
    answer: Team,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/teams/:team',
    title: 'Team info',
    permission: 'team.view',
    scope: 'read',
    answer: Team,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/teams/:team',
    title: 'Team update',
    permission: 'team.admin',
    scope: 'write',
    body: Type.Object({ default: Type.Optional(Type.Boolean()), name: Type.Optional(Type.String({ maxLength: 100 })) }),
    answer: Team,
    status: 200,
  }),
  remove: route({
    method: 'DELETE',
    path: '/teams/:team',
    title: 'Team delete, once it has no apps',
    permission: 'team.admin',
    scope: 'write',
    answer: Team,
    status: 200,
  }),
  members: route({
    method: 'GET',
    path: members,
    title: 'Team member list',
    permission: 'team.view+partner',
    scope: 'read',
    answer: Type.Array(TeamMember),
    status: 200,
    list: { fields: ['id', 'email'] },
  }),
  putMember: route({ ...NewMember, method: 'PUT', path: members, title: 'Team member create or update', status: 200 }),
  addMember: route({ ...NewMember, method: 'POST', path: members, title: 'Team member create', status: 201 }),
  updateMember: route({ ...NewMember, method: 'PATCH', path: members, title: 'Team member update', status: 200 }),
  removeMember: route({
    method: 'DELETE',
    path: '/teams/:team/members/:member',
    title: 'Team member delete: by an admin, or by the member who leaves',
    permission: 'team.view',
    scope: 'write',
    answer: TeamMember,
    status: 200,
  }),
  appsOfMember: route({
    method: 'GET',
    path: '/teams/:team/members/:member/apps',
    title: 'Team app list of a member',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(TeamApp),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  features: route({
    method: 'GET',
    path: '/teams/:team/features',
    title: 'Team feature list',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(Feature),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  feature: route({
    method: 'GET',
    path: '/teams/:team/features/:feature',
    title: 'Team feature info',
    permission: 'team.view',
    scope: 'read',
    answer: Feature,
    status: 200,
  }),
  invitations: route({
    method: 'GET',
    path: '/teams/:team/invitations',
    title: 'Team invitation list: those that can still be accepted',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(TeamInvitation),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  invite: route({
    method: 'PUT',
    path: '/teams/:team/invitations',
    title: 'Team invitation create; one for the same address takes the place of the former',
    permission: 'team.admin',
    scope: 'write',
    body: Type.Object({ email: Type.String({ minLength: 3, maxLength: 320 }), role: Role }),
    answer: TeamInvitation,
    status: 200,
  }),
  revokeInvitation: route({
    method: 'DELETE',
    path: '/teams/:team/invitations/:invitation',
    title: 'Team invitation revoke',
    permission: 'team.admin',
    scope: 'write',
    answer: TeamInvitation,
    status: 200,
  }),
  invitation: route({
    method: 'GET',
    path: '/teams/invitations/:token',
    title: 'Team invitation info, by its token',
    permission: 'account',
    scope: 'read',
    answer: TeamInvitation,
    status: 200,
  }),
  acceptInvitation: route({
    method: 'POST',
    path: '/teams/invitations/:token/accept',
    title: 'Team invitation accept, by who is invited',
    permission: 'account',
    scope: 'write',
    answer: TeamMember,
    status: 200,
  }),
  entities: route({
    method: 'GET',
    path: '/teams/:team/permissions',
    title: "Who may do what with each of the team's apps, as far as the caller sees them",
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(PermissionEntity),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  permissions: route({
    method: 'GET',
    path: '/teams/permissions',
    title: 'What a collaborator of an app may be given',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(AppPermission),
    status: 200,
  }),
  allowedServices: route({
    method: 'GET',
    path: '/teams/:team/allowed-addon-services',
    title: 'Allowed add-on service list; an empty one allows all',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(AllowedService),
    status: 200,
    list: { fields: ['id'] },
  }),
  allowService: route({
    method: 'POST',
    path: '/teams/:team/allowed-addon-services',
    title: 'Allowed add-on service create',
    permission: 'team.admin',
    scope: 'write',
    body: Type.Object({ addon_service: Identity }),
    // A list of one, as the API has it.
    answer: Type.Array(AllowedService),
    status: 201,
  }),
  disallowService: route({
    method: 'DELETE',
    path: '/teams/:team/allowed-addon-services/:service',
    title: 'Allowed add-on service delete, by its id or the name of the service',
    permission: 'team.admin',
    scope: 'write',
    answer: AllowedService,
    status: 200,
  }),
}

const app = '/teams/apps/:app'
const Permissions = Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 })

export const teamAppRoutes = {
  create: route({
    method: 'POST',
    path: '/teams/apps',
    title: 'Team app create',
    permission: 'account',
    scope: 'write',
    body: Type.Object({
      internal_routing: Type.Optional(Nullable(Type.Boolean())),
      kind: Type.Optional(AppKind),
      locked: Type.Optional(Type.Boolean()),
      name: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      personal: Type.Optional(Type.Boolean()),
      region: Type.Optional(Nullable(Identity)),
      space: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
      stack: Type.Optional(Nullable(Identity)),
      team: Type.Optional(Nullable(Identity)),
    }),
    answer: TeamApp,
    status: 201,
  }),
  list: route({
    method: 'GET',
    path: '/teams/:team/apps',
    title: 'Team app list',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(TeamApp),
    status: 200,
    list: { fields: ['id', 'name'] },
  }),
  info: route({
    method: 'GET',
    path: app,
    title: 'Team app info',
    permission: 'app.view',
    scope: 'read',
    answer: TeamApp,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: app,
    title: 'Team app lock or unlock, or give to another owner',
    permission: 'app.manage',
    scope: 'write',
    body: Type.Object({
      locked: Type.Optional(Type.Boolean()),
      /** A team's name or id, or a person's e-mail, id or `~`. */
      owner: Type.Optional(Type.String({ minLength: 1, maxLength: 320 })),
    }),
    answer: TeamApp,
    status: 200,
  }),
  collaborators: route({
    method: 'GET',
    path: `${app}/collaborators`,
    title: 'Team app collaborator list',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Collaborator),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  addCollaborator: route({
    method: 'POST',
    path: `${app}/collaborators`,
    title: 'Team app collaborator create, or join an app as a member',
    permission: 'app.view',
    scope: 'write',
    body: Type.Object({
      permissions: Type.Optional(Permissions),
      silent: Type.Optional(Type.Boolean()),
      user: Identity,
    }),
    answer: Collaborator,
    status: 201,
  }),
  collaborator: route({
    method: 'GET',
    path: `${app}/collaborators/:collaborator`,
    title: 'Team app collaborator info',
    permission: 'app.view',
    scope: 'read',
    answer: Collaborator,
    status: 200,
  }),
  updateCollaborator: route({
    method: 'PATCH',
    path: `${app}/collaborators/:collaborator`,
    title: 'Team app collaborator update',
    permission: 'app.manage',
    scope: 'write',
    body: Type.Object({ permissions: Permissions }),
    answer: Collaborator,
    status: 200,
  }),
  removeCollaborator: route({
    method: 'DELETE',
    path: `${app}/collaborators/:collaborator`,
    title: 'Team app collaborator delete',
    permission: 'app.view',
    scope: 'write',
    answer: Collaborator,
    status: 200,
  }),
}

export const AppTransfer = Type.Object({
  app: Ref,
  created_at: Timestamp,
  id: Uuid,
  owner: UserRef,
  recipient: UserRef,
  state: Type.Union([Type.Literal('pending'), Type.Literal('accepted'), Type.Literal('declined')]),
  updated_at: Timestamp,
})
export type AppTransfer = Static<typeof AppTransfer>

export const transferRoutes = {
  list: route({
    method: 'GET',
    path: '/account/app-transfers',
    title: 'App transfer list: offered by the caller or to the caller',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(AppTransfer),
    status: 200,
    list: { fields: ['id', 'created_at'] },
  }),
  create: route({
    method: 'POST',
    path: '/account/app-transfers',
    title: 'App transfer create',
    permission: 'account',
    scope: 'write',
    body: Type.Object({ app: Identity, recipient: Identity, silent: Type.Optional(Type.Boolean()) }),
    answer: AppTransfer,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/account/app-transfers/:transfer',
    title: 'App transfer info, by its id or by the name of its app',
    permission: 'account',
    scope: 'read',
    answer: AppTransfer,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/account/app-transfers/:transfer',
    title: 'App transfer accept or decline, by its recipient',
    permission: 'account',
    scope: 'write',
    body: Type.Object({ state: AppTransfer.properties.state }),
    answer: AppTransfer,
    status: 200,
  }),
  remove: route({
    method: 'DELETE',
    path: '/account/app-transfers/:transfer',
    title: 'App transfer withdraw, by its owner while it is pending',
    permission: 'account',
    scope: 'write',
    answer: AppTransfer,
    status: 200,
  }),
}
