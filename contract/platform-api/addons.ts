import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Plan, Price } from './catalog.js'
import { Identity, Nullable, Ref, Timestamp, Uuid } from './shared.js'

/** `deprovisioning` is missing from the published enumeration, yet real clients need it. */
export const addonStates = ['provisioning', 'provisioned', 'deprovisioning', 'deprovisioned'] as const
export type AddonState = (typeof addonStates)[number]

/** Something that its provider offers to do with it. */
export const AddonPlanAction = Type.Object({
  /** Sent along in the sign-on form. */
  action: Nullable(Type.String()),
  id: Uuid,
  label: Type.String(),
  requires_owner: Type.Boolean(),
  /** Where the button leads instead. */
  url: Nullable(Type.String()),
})
export type AddonPlanAction = Static<typeof AddonPlanAction>

export const Addon = Type.Object(
  {
    actions: Type.Array(AddonPlanAction),
    addon_service: Type.Union([Ref, Type.Record(Type.String(), Type.Unknown())]),
    app: Ref,
    billed_price: Price,
    billing_entity: Type.Object({ id: Uuid, name: Type.String(), type: Type.String() }),
    config_vars: Type.Array(Type.String()),
    created_at: Timestamp,
    id: Uuid,
    name: Type.String(),
    plan: Type.Union([Ref, Plan]),
    /** Empty until the provider named it. */
    provider_id: Type.String(),
    provision_message: Type.String(),
    state: Type.Union(addonStates.map((state) => Type.Literal(state))),
    updated_at: Timestamp,
    web_url: Nullable(Type.String()),
  },
  { additionalProperties: false },
)
export type Addon = Static<typeof Addon>

export const Attachment = Type.Object({
  addon: Type.Object({
    app: Ref,
    id: Uuid,
    name: Type.String(),
    plan: Type.Optional(Ref),
  }),
  app: Ref,
  config_vars: Type.Optional(Type.Array(Type.String())),
  created_at: Timestamp,
  id: Uuid,
  log_input_url: Nullable(Type.String()),
  name: Type.String(),
  namespace: Nullable(Type.String()),
  updated_at: Timestamp,
  web_url: Nullable(Type.String()),
})
export type Attachment = Static<typeof Attachment>

/** How far a version of an add-on's values is: a retiring one is still pinned by something that runs. */
export const credentialStates = ['staged', 'active', 'retiring', 'revoked'] as const

/** One version of an add-on's values, without the values. */
export const Credential = Type.Object(
  {
    /** The provider's names. */
    config_vars: Type.Array(Type.String()),
    created_at: Timestamp,
    id: Uuid,
    name: Type.String(),
    retired_at: Nullable(Timestamp),
    state: Type.Union(credentialStates.map((state) => Type.Literal(state))),
    used_by: Type.Array(Type.Object({ app: Ref, release: Type.Integer() })),
    version: Type.Integer(),
  },
  { additionalProperties: false },
)
export type Credential = Static<typeof Credential>

export const Sso = Type.Object({
  action: Type.String(),
  method: Type.Union([Type.Literal('get'), Type.Literal('post')]),
  params: Type.Record(Type.String(), Type.String()),
})

const list = { fields: ['id', 'name', 'created_at', 'updated_at'] } as const
const Name = Type.String({ minLength: 1, maxLength: 100 })
const Confirm = Type.Optional(Nullable(Type.String({ maxLength: 100 })))

/** Options for the provider; real clients send texts and, for a bare flag, `true`. */
export const Options = Type.Record(
  Type.String({ maxLength: 100 }),
  Type.Union([Type.String({ maxLength: 8192 }), Type.Boolean(), Type.Number(), Type.Null()]),
)

export const addonRoutes = {
  list: route({
    method: 'GET',
    path: '/addons',
    title: 'Add-on list',
    permission: 'bearer',
    scope: 'read',
    answer: Type.Array(Addon),
    status: 200,
    list,
  }),
  listOfUser: route({
    method: 'GET',
    path: '/users/:user/addons',
    title: 'Add-on list of a user',
    permission: 'bearer',
    scope: 'read',
    answer: Type.Array(Addon),
    status: 200,
    list,
  }),
  listOfTeam: route({
    method: 'GET',
    path: '/teams/:team/addons',
    title: 'Add-on list of a team',
    permission: 'team.view',
    scope: 'read',
    answer: Type.Array(Addon),
    status: 200,
    list,
  }),
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/addons',
    title: 'Add-on list of an app',
    permission: 'app.view+partner',
    scope: 'read',
    answer: Type.Array(Addon),
    status: 200,
    list,
  }),
  create: route({
    method: 'POST',
    path: '/apps/:app/addons',
    title: 'Add-on create',
    errors: ['confirmation_required', 'provider_refused', 'provider_unreachable'],
    permission: 'app.operate',
    scope: 'write',
    body: Type.Object({
      attachment: Type.Optional(Nullable(Type.Object({ name: Type.Optional(Nullable(Name)) }))),
      config: Type.Optional(Nullable(Options)),
      confirm: Confirm,
      name: Type.Optional(Nullable(Name)),
      plan: Identity,
    }),
    answer: Addon,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/addons/:addon',
    title: 'Add-on info',
    permission: 'addon.view',
    scope: 'read',
    answer: Addon,
    status: 200,
  }),
  infoOfApp: route({
    method: 'GET',
    path: '/apps/:app/addons/:addon',
    title: 'Add-on info by app',
    permission: 'addon.view',
    scope: 'read',
    answer: Addon,
    status: 200,
  }),
  credentials: route({
    method: 'GET',
    path: '/addons/:addon/credentials',
    title: 'Credential list of an add-on: each version of its values, and what still uses it',
    permission: 'addon.view',
    scope: 'read',
    answer: Type.Array(Credential),
    status: 200,
    list: { fields: ['id', 'name', 'version', 'created_at'] },
  }),
  update: route({
    method: 'PATCH',
    path: '/apps/:app/addons/:addon',
    title: 'Add-on plan change or rename',
    errors: ['provider_refused', 'provider_unreachable'],
    permission: 'addon.manage',
    scope: 'write',
    body: Type.Object({ name: Type.Optional(Name), plan: Type.Optional(Identity) }),
    answer: Addon,
    status: 200,
  }),
  destroy: route({
    method: 'DELETE',
    path: '/apps/:app/addons/:addon',
    title: 'Add-on destroy',
    permission: 'addon.manage',
    scope: 'write',
    body: Type.Optional(Type.Object({ force: Type.Optional(Nullable(Type.Boolean())) })),
    answer: Addon,
    status: 200,
  }),
  resolve: route({
    method: 'POST',
    path: '/actions/addons/resolve',
    title: 'Add-on resolve',
    permission: 'account',
    scope: 'read',
    body: Type.Object({
      addon: Name,
      addon_service: Type.Optional(Nullable(Name)),
      app: Type.Optional(Nullable(Name)),
    }),
    answer: Type.Array(Addon),
    status: 200,
  }),
  sso: route({
    method: 'GET',
    path: '/apps/:app/addons/:addon/sso',
    title: 'Single sign-on for an add-on',
    errors: ['invalid_params'],
    permission: 'addon.view',
    scope: 'write',
    query: Type.Object({
      action: Type.Optional(Type.String({ maxLength: 64, description: "one of the add-on's actions" })),
    }),
    answer: Sso,
    status: 200,
  }),
}

export const attachmentRoutes = {
  list: route({
    method: 'GET',
    path: '/addon-attachments',
    title: 'Attachment list',
    permission: 'account',
    scope: 'read',
    answer: Type.Array(Attachment),
    status: 200,
    list,
  }),
  listOfApp: route({
    method: 'GET',
    path: '/apps/:app/addon-attachments',
    title: 'Attachment list of an app',
    permission: 'app.view+partner',
    scope: 'read',
    answer: Type.Array(Attachment),
    status: 200,
    list,
  }),
  listOfAddon: route({
    method: 'GET',
    path: '/addons/:addon/addon-attachments',
    title: 'Attachment list of an add-on',
    permission: 'addon.view',
    scope: 'read',
    answer: Type.Array(Attachment),
    status: 200,
    list,
  }),
  infoOfApp: route({
    method: 'GET',
    path: '/apps/:app/addon-attachments/:attachment',
    title: 'Attachment info by app',
    permission: 'app.view+partner',
    scope: 'read',
    answer: Attachment,
    status: 200,
  }),
  info: route({
    method: 'GET',
    path: '/addon-attachments/:attachment',
    title: 'Attachment info',
    permission: 'account',
    scope: 'read',
    answer: Attachment,
    status: 200,
  }),
  create: route({
    method: 'POST',
    path: '/addon-attachments',
    title: 'Attachment create',
    errors: ['confirmation_required'],
    permission: 'account',
    scope: 'write',
    body: Type.Object({
      addon: Identity,
      app: Identity,
      confirm: Confirm,
      name: Type.Optional(Nullable(Name)),
      namespace: Type.Optional(Nullable(Name)),
    }),
    answer: Attachment,
    status: 201,
  }),
  destroy: route({
    method: 'DELETE',
    path: '/addon-attachments/:attachment',
    title: 'Attachment delete',
    permission: 'account',
    scope: 'write',
    answer: Attachment,
    status: 200,
  }),
  resolve: route({
    method: 'POST',
    path: '/actions/addon-attachments/resolve',
    title: 'Attachment resolve',
    permission: 'account',
    scope: 'read',
    body: Type.Object({
      addon_attachment: Name,
      addon_service: Type.Optional(Nullable(Name)),
      app: Type.Optional(Nullable(Name)),
    }),
    answer: Type.Array(Attachment),
    status: 200,
  }),
}

const Config = Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))

/** What a provider may call, with the token of its grant. */
export const partnerRoutes = {
  config: route({
    method: 'GET',
    path: '/addons/:addon/config',
    title: 'Add-on config',
    permission: 'addon.partner',
    scope: 'read-protected',
    answer: Config,
    status: 200,
  }),
  /** Not in the published schema; clients ask for `credential:NAME` before they attach with it. */
  configOfNamespace: route({
    method: 'GET',
    path: '/addons/:addon/config/:namespace',
    title: 'Add-on config of one credential; empty when there is no such credential',
    permission: 'addon.partner',
    scope: 'read-protected',
    answer: Config,
    status: 200,
  }),
  updateConfig: route({
    method: 'PATCH',
    path: '/addons/:addon/config',
    title: 'Add-on config update',
    permission: 'addon.partner',
    scope: 'write-protected',
    body: Type.Object({
      config: Type.Optional(
        Type.Array(
          Type.Object({ name: Type.String({ maxLength: 200 }), value: Type.Optional(Nullable(Type.String())) }),
          { maxItems: 200 },
        ),
      ),
    }),
    answer: Config,
    status: 200,
  }),
  provisioned: route({
    method: 'POST',
    path: '/addons/:addon/actions/provision',
    title: 'Add-on is provisioned',
    permission: 'addon.partner',
    scope: 'write-protected',
    answer: Addon,
    status: 200,
  }),
  deprovisioned: route({
    method: 'POST',
    path: '/addons/:addon/actions/deprovision',
    title: 'Add-on is deprovisioned',
    permission: 'addon.partner',
    scope: 'write-protected',
    answer: Addon,
    status: 200,
  }),
}
