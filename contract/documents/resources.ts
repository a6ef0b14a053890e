import { type TSchema, Type } from '@sinclair/typebox'
import { Account, Authorization, Feature, Key, OauthClient, Session } from '../platform-api/accounts.js'
import { Activity } from '../platform-api/activity.js'
import { Addon, Attachment, Credential } from '../platform-api/addons.js'
import { AppSetup } from '../platform-api/app-setups.js'
import { App, Collaborator, Region, Stack, TeamApp } from '../platform-api/apps.js'
import { Build, Slug, Source } from '../platform-api/builds.js'
import { Caller } from '../platform-api/caller.js'
import { AddonService, Plan } from '../platform-api/catalog.js'
import { Change } from '../platform-api/changes.js'
import { Discrepancy } from '../platform-api/discrepancies.js'
import { Domain, SniEndpoint } from '../platform-api/domains.js'
import { LogDrain, TelemetryDrain } from '../platform-api/drains.js'
import { Dyno, Formation, LogSession } from '../platform-api/dynos.js'
import { DynoSize, Generation } from '../platform-api/generations.js'
import { AccountApp, InstallationAccount, InstallationAccountDetail } from '../platform-api/installation-accounts.js'
import { Invite } from '../platform-api/invites.js'
import { Credit, Invoice, TeamInvoice } from '../platform-api/invoices.js'
import { Fact } from '../platform-api/live.js'
import { OauthToken } from '../platform-api/oauth-tokens.js'
import { KeptAnswer, LedgerEntry, Operation } from '../platform-api/operations.js'
import { Delinquency, Preferences } from '../platform-api/preferences.js'
import { PlanPass, ProviderExchange } from '../platform-api/provider-portal.js'
import { ProviderHealth } from '../platform-api/providers.js'
import { Pulse } from '../platform-api/pulse.js'
import { Quota } from '../platform-api/quotas.js'
import { Comparison, Release } from '../platform-api/releases.js'
import { StageRequest } from '../platform-api/stage-requests.js'
import {
  AllowedService,
  AppTransfer,
  PermissionEntity,
  Team,
  TeamInvitation,
  TeamMember,
} from '../platform-api/teams.js'
import { AddonWebhook, AppWebhook, WebhookDelivery, WebhookEvent } from '../platform-api/webhooks.js'

/** How far a part of the API may still change. Source: Heroku's stability levels. */
export type Stability = 'production' | 'development' | 'prototype'

/** A noun of the API: what its documents have a chapter for. */
export interface Resource {
  name: string
  title: string
  description: string
  stability: Stability
  /** Its shape; a noun that is only ever acted on has none. */
  schema: TSchema
}

const noun = (
  name: string,
  title: string,
  description: string,
  schema: TSchema = Type.Object({}),
  stability: Stability = 'production',
): Resource => ({ name, title, description, stability, schema })

/**
 * The nouns in the order in which documents show them. A shape is recognised by identity: an answer that is `App`, or a
 * list of it, belongs to `app`.
 */
export const resources: readonly Resource[] = [
  noun('app', 'App', 'An app takes add-ons, has config vars, and is deployed as releases.', App),
  noun(
    'config-var',
    'Config Vars',
    "What an app's processes find in their environment: its own vars and its add-ons'.",
  ),
  noun(
    'release',
    'Release',
    'A release joins code and config under a number. Every change of either makes one.',
    Release,
  ),
  noun('pulse', 'Pulse', 'How much waits, and how providers answer, now and over the last hour.', Pulse, 'development'),
  noun('activity', 'Activity', 'What was done on an app, by whom and when.', Activity, 'development'),
  noun(
    'release-comparison',
    'Release Comparison',
    'How two states of an app differ, in names and never in values.',
    Comparison,
    'development',
  ),
  noun('source', 'Source', 'A place to upload an archive of code to, for a build.', Source),
  noun('build', 'Build', 'A build turns source code into a slug, and releases it.', Build),
  noun('slug', 'Slug', 'What a build made: code that is ready to run.', Slug),
  noun('formation', 'Formation', 'How many dynos of each process type an app runs.', Formation),
  noun('dyno', 'Dyno', "A dyno runs one process of an app's current release.", Dyno),
  noun('dyno-size', 'Dyno Size', 'How large a dyno is.', DynoSize, 'prototype'),
  noun('log-session', 'Log Session', 'An address that streams log lines of an app for a while.', LogSession),
  noun('domain', 'Domain', 'A name under which an app is reached.', Domain),
  noun('app-setup', 'App Setup', 'Makes an app from an archive, with all that its app.json asks for.', AppSetup),
  noun('sni-endpoint', 'SNI Endpoint', 'A certificate, and the domains that it is for.', SniEndpoint, 'development'),
  noun('collaborator', 'Collaborator', 'Somebody who may work on an app beside its owner.', Collaborator),
  noun('app-transfer', 'App Transfer', 'An offer of an app to another owner.', AppTransfer),
  noun('add-on-service', 'Add-on Service', 'What a provider offers, in one plan or several.', AddonService),
  noun('plan', 'Plan', 'One size and price of an add-on service.', Plan),
  noun('add-on', 'Add-on', 'One resource at a provider, made for the app that pays for it.', Addon),
  noun(
    'add-on-attachment',
    'Add-on Attachment',
    "An add-on's name in one app, from which its config vars follow.",
    Attachment,
  ),
  noun(
    'credential',
    'Credential',
    "One version of an add-on's values, and which apps still run on it; never the values.",
    Credential,
    'development',
  ),
  noun(
    'change',
    'Change',
    'Several changes of config vars, add-ons and attachments as one release: all of them, or none.',
    Change,
    'development',
  ),
  noun('add-on-config', 'Add-on Config', 'The values of an add-on, for its provider.', undefined, 'development'),
  noun(
    'add-on-action',
    'Add-on Action',
    'What a provider says of an add-on that takes a while.',
    undefined,
    'development',
  ),
  noun('manifest', 'Manifest', 'How a provider describes its service. Errors are {error: {base: [sentence]}}.'),
  noun(
    'plan-pass',
    'Plan Pass',
    'Lets somebody, by e-mail, see and order what is not for all: a service in alpha, or a plan.',
    PlanPass,
    'prototype',
  ),
  noun(
    'stage-request',
    'Stage Request',
    'A provider asks that its service be moved to the next stage: beta, or general availability.',
    StageRequest,
    'prototype',
  ),
  noun(
    'provider-request',
    'Provider Request',
    'One request between platform and provider, with both bodies in which every value that may be a secret is left out.',
    ProviderExchange,
    'prototype',
  ),
  noun('provider-portal', 'Provider Portal', 'What a provider sees of its services: installs, requests, inspections.'),
  noun('log-drain', 'Log Drain', "An address that an app's log lines are sent to.", LogDrain),
  noun(
    'telemetry-drain',
    'Telemetry Drain',
    'Of traces and metrics. There are none: log lines go to log drains.',
    TelemetryDrain,
    'development',
  ),
  noun('app-info', 'App Info', 'What a provider of the first generation may know of the apps that use it.'),
  noun('usage', 'Usage', 'What providers reported that add-ons used, by meter.'),
  noun('partner-permission', 'Partner Permission', "What a grant's token may call.", undefined, 'development'),
  noun('oauth-token', 'OAuth Token', 'What a code or a refresh token was traded for.', OauthToken),
  noun('app-webhook', 'App Webhook', 'Where to send events of an app.', AppWebhook),
  noun('add-on-webhook', 'Add-on Webhook', 'Where to send events of an add-on.', AddonWebhook),
  noun('webhook-delivery', 'Webhook Delivery', 'One event on its way to one webhook.', WebhookDelivery),
  noun('webhook-event', 'Webhook Event', 'What happened, as webhooks are told.', WebhookEvent),
  noun('team', 'Team', 'A group of people that owns apps.', Team),
  noun('team-member', 'Team Member', 'Somebody in a team, and what they may do.', TeamMember),
  noun(
    'team-invitation',
    'Team Invitation',
    'A link through which somebody joins a team.',
    TeamInvitation,
    'development',
  ),
  noun(
    'permission-entity',
    'Permission Entity',
    "Who may do what with one of a team's apps.",
    PermissionEntity,
    'development',
  ),
  noun('team-app', 'Team App', 'An app that a team owns.', TeamApp),
  noun(
    'allowed-add-on-service',
    'Allowed Add-on Service',
    "A service that a team's apps may use.",
    AllowedService,
    'prototype',
  ),
  noun('account', 'Account', 'A person who signs in.', Account),
  noun('preferences', 'Preferences', "What a person's own pages remember.", Preferences),
  noun('delinquency', 'Delinquency', 'When somebody who owes money is stopped. Nobody is.', Delinquency, 'development'),
  noun('feature', 'Feature', 'Something that may be switched on early.', Feature),
  noun('key', 'Key', 'An SSH key. None are kept: code comes as archives.', Key),
  noun('oauth-authorization', 'OAuth Authorization', 'A token, what it is good for, and until when.', Authorization),
  noun('oauth-client', 'OAuth Client', 'A program that may ask people for authorizations.', OauthClient),
  noun('session', 'Session', 'A browser that is signed in.', Session),
  noun('login', 'Login', 'Signing a terminal in through the browser.'),
  noun('invite', 'Invite', 'A link through which somebody makes an account or a new password.', Invite),
  noun('quota', 'Quota', 'How much of something an account may have at a time.', Quota, 'development'),
  noun(
    'installation-account',
    'Installation Account',
    'A person or a team, as the operator sees and changes them.',
    InstallationAccountDetail,
    'development',
  ),
  noun(
    'installation-account-summary',
    'Installation Account Summary',
    'A person or a team in the list of all.',
    InstallationAccount,
    'development',
  ),
  noun('account-app', 'Account App', "An account's app, in few words.", AccountApp, 'development'),
  noun('fact', 'Fact', 'That something changed, told to whoever looks on.', Fact, 'development'),
  noun('operation', 'Operation', 'One durable story of an add-on or an app, step by step.', Operation, 'development'),
  noun(
    'ledger-entry',
    'Ledger',
    'What a provider was ever asked for, and whether it is known to be gone.',
    LedgerEntry,
    'development',
  ),
  noun(
    'kept-answer',
    'Kept Answer',
    'The body of an unclear answer of a provider, kept for a week.',
    KeptAnswer,
    'development',
  ),
  noun(
    'discrepancy',
    'Discrepancy',
    "Where the ledger and what a provider lists don't agree.",
    Discrepancy,
    'development',
  ),
  noun('invoice', 'Invoice', 'What a month costs an account, line by line.', Invoice),
  noun('team-invoice', 'Team Invoice', 'What a month costs a team, line by line.', TeamInvoice),
  noun('credit', 'Credit', 'What an account has to its favour.', Credit),
  noun('provider', 'Provider', 'How the provider of a service did lately.', ProviderHealth, 'development'),
  noun('region', 'Region', 'A place in which apps run.', Region),
  noun('stack', 'Stack', 'The system that apps run on.', Stack),
  noun('generation', 'Generation', 'The machinery that apps run on.', Generation, 'prototype'),
  noun('pipeline', 'Pipeline', 'Not on this platform: lists are empty, and nothing can be made.'),
  noun('space', 'Space', 'Not on this platform: lists are empty, and nothing can be made.'),
  noun('oci-image', 'OCI Image', 'Not on this platform: code comes as archives.'),
  noun('worker', 'Worker', 'A process that does the work of the platform.', undefined, 'development'),
  noun('caller', 'Caller', 'What the server knows of the request that asks.', Caller, 'development'),
  noun('schema', 'Documents', 'This API in forms that programs read.'),
]

const bySchema = new Map<unknown, Resource>(resources.map((resource) => [resource.schema, resource]))

/** The noun whose shape this is; by identity, so a shape that only looks like it is none. */
export const resourceOf = (schema: unknown): Resource | undefined => bySchema.get(schema)

/** What a list is a list of. */
export const itemsOf = (schema: TSchema): unknown => (schema['type'] === 'array' ? schema['items'] : undefined)

/** Which noun a group of the route table belongs to when its answers don't say so. A group without a line is its own noun. */
export const nounOfGroup: Readonly<Record<string, string>> = {
  account: 'account',
  authorizations: 'oauth-authorization',
  oauthClients: 'oauth-client',
  webSession: 'session',
  login: 'login',
  changes: 'change',
  invites: 'invite',
  teams: 'team',
  teamApps: 'team-app',
  transfers: 'app-transfer',
  apps: 'app',
  appSetups: 'app-setup',
  acm: 'app',
  domains: 'domain',
  sniEndpoints: 'sni-endpoint',
  places: 'region',
  config: 'config-var',
  releases: 'release',
  activity: 'activity',
  sources: 'source',
  builds: 'build',
  formation: 'formation',
  dynos: 'dyno',
  logs: 'log-session',
  drains: 'log-drain',
  telemetryDrains: 'telemetry-drain',
  catalog: 'add-on-service',
  portal: 'manifest',
  providerPortal: 'provider-portal',
  stageRequests: 'stage-request',
  addons: 'add-on',
  attachments: 'add-on-attachment',
  partner: 'add-on-config',
  webhooks: 'app-webhook',
  addonWebhooks: 'add-on-webhook',
  live: 'fact',
  operations: 'operation',
  ledger: 'ledger-entry',
  providers: 'provider',
  discrepancies: 'discrepancy',
  dynoSizes: 'dyno-size',
  generations: 'generation',
  pipelines: 'pipeline',
  spaces: 'space',
  images: 'oci-image',
  preferences: 'preferences',
  oauthTokens: 'oauth-token',
  vendor: 'app-info',
  usage: 'usage',
  kensa: 'manifest',
  partnerPermissions: 'partner-permission',
  passwordResets: 'account',
  quotas: 'quota',
  accounts: 'installation-account',
  pulse: 'pulse',
  workers: 'worker',
  caller: 'caller',
  invoices: 'invoice',
  documents: 'schema',
}

/** What may stand in a place of a path: fields of a noun, of which any one names it. */
export interface Parameter {
  noun: string
  fields: readonly string[]
  description: string
}

const by = (noun: string, fields: readonly string[], description: string): Parameter => ({ noun, fields, description })

export const parameters: Readonly<Record<string, Parameter>> = {
  heroku_id: by('app-info', ['id'], 'number of the app as its providers know it, such as app7@heroku.com'),
  account: by('installation-account', ['id', 'email', 'name'], "id or e-mail of the account, or the team's name"),
  app: by('app', ['id', 'name'], 'id or name of the app'),
  addon: by('add-on', ['id', 'name'], 'id or name of the add-on, or app::ATTACHMENT'),
  attachment: by('add-on-attachment', ['id', 'name'], 'id of the attachment, or its name in the app'),
  authorization: by('oauth-authorization', ['id'], 'id of the authorization, or ~ for the one that asks'),
  build: by('build', ['id'], 'id of the build'),
  setup: by('app-setup', ['id'], 'id of the setup'),
  change: by('change', ['id'], 'id of the change'),
  client: by('oauth-client', ['id'], 'id of the client'),
  collaborator: by('collaborator', ['email', 'id'], "the collaborator's e-mail or id"),
  coupling: by('pipeline', ['id'], 'id of the coupling'),
  delivery: by('webhook-delivery', ['id'], 'id of the delivery'),
  discrepancy: by('discrepancy', ['id'], 'id of the discrepancy'),
  domain: by('domain', ['id', 'hostname'], 'id of the domain, or its name'),
  drain: by('log-drain', ['id', 'token', 'url'], 'id, token or address of the drain'),
  dyno: by('dyno', ['id', 'name'], 'id or name of the dyno, such as web.1'),
  enterprise: by('space', ['id'], 'id of the enterprise account'),
  event: by('webhook-event', ['id'], 'id of the event'),
  feature: by('feature', ['id', 'name'], 'id or name of the feature'),
  invitation: by('team-invitation', ['id'], 'id of the invitation'),
  generation: by('generation', ['id', 'name'], 'id or name of the generation'),
  image: by('oci-image', ['id'], 'id of the image'),
  invite: by('invite', ['id'], 'id of the invite'),
  pass: by('plan-pass', ['id'], 'id of the plan pass'),
  request: by('provider-request', ['id'], 'id of the request'),
  stage_request: by('stage-request', ['id'], 'id of the stage request'),
  invoice: by('invoice', ['id', 'number'], 'id or number of the invoice'),
  key: by('key', ['id', 'fingerprint'], 'id or fingerprint of the key'),
  login: by('login', ['id'], 'what the first answer names in cli_url'),
  manifest: by('manifest', ['id'], 'id of the version of the manifest'),
  member: by('team-member', ['email', 'id'], "the member's e-mail or id"),
  name: by('config-var', ['name'], 'name of the config var'),
  namespace: by('add-on-config', ['namespace'], 'credential:NAME'),
  operation: by('operation', ['id'], 'id of the operation'),
  pipeline: by('pipeline', ['id'], 'id of the pipeline'),
  plan: by('plan', ['id', 'name'], 'id or name of the plan'),
  region: by('region', ['id', 'name'], 'id or name of the region'),
  release: by('release', ['id', 'version'], 'id or number of the release'),
  reset: by('account', ['id'], 'the secret in the link'),
  service: by('add-on-service', ['id', 'name'], 'id or name of the add-on service'),
  session: by('session', ['id'], 'id of the session, or ~ for the one that asks'),
  size: by('dyno-size', ['id', 'name'], 'id or name of the size'),
  sni_endpoint: by('sni-endpoint', ['id', 'name'], 'id or name of the endpoint'),
  slug: by('slug', ['id'], 'id of the slug'),
  space: by('space', ['id'], 'id of the space'),
  stack: by('stack', ['id', 'name'], 'id or name of the stack'),
  team: by('team', ['id', 'name'], 'id or name of the team'),
  telemetry_drain: by('telemetry-drain', ['id'], 'id of the drain'),
  token: by('team-invitation', ['token'], 'the secret of the link'),
  transfer: by('app-transfer', ['id'], 'id of the transfer, or the name of its app'),
  type: by('formation', ['id', 'type'], 'the process type, such as web'),
  user: by('account', ['email', 'id'], "the account's e-mail or id, or ~ for whoever asks"),
  webhook: by('app-webhook', ['id'], 'id of the webhook'),
}

/** Names that mean something else in these paths. */
export const parametersOfPaths: readonly { path: RegExp; name: string; parameter: Parameter }[] = [
  // A name is one of an app, so without the app only the id will do.
  {
    path: /^\/addon-attachments\//,
    name: 'attachment',
    parameter: by('add-on-attachment', ['id'], 'id of the attachment'),
  },
  { path: /^\/api\/v3\/addons\//, name: 'slug', parameter: by('add-on-service', ['name'], 'the id in the manifest') },
  { path: /^\/ledger\//, name: 'addon', parameter: by('add-on', ['id'], 'id of the add-on') },
  {
    path: /\/allowed-addon-services\//,
    name: 'service',
    parameter: by('allowed-add-on-service', ['id'], 'id of the permission, or the name of the service'),
  },
]
