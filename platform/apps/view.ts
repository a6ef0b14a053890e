import type { App as WireApp, Collaborator as WireCollaborator } from '@mortise/contract/platform-api/apps'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { cedar } from '../catalog/generation.js'
import type { JsonObject } from '../saga/saga.js'
import type { App } from './app.js'
import { type Collaborator, collaboratorId } from './collaborator-store.js'
import { findRegion, findStack } from './place.js'

/** Where this installation's apps are reached; known once the platform listens. */
export interface AppAddresses {
  /** `http://guestbook.localhost:5055/`; absolute, because browsers open it. */
  webUrl(appName: string): string
  gitUrl(appName: string): string
  /** The host alone: `guestbook.localhost`. */
  hostname(appName: string): string
}

export function appView(app: App, addresses: AppAddresses): WireApp {
  const team = app.teamId === null ? null : { id: app.teamId, name: app.teamName ?? '' }
  const stack = { id: findStack(app.stack)?.id ?? app.id, name: app.stack }
  return {
    acm: false,
    archived_at: null,
    build_stack: stack,
    buildpack_provided_description: app.buildpack,
    create_status: 'complete',
    created_at: timestamp(app.createdAt),
    generation: cedar,
    git_url: addresses.gitUrl(app.name),
    id: app.id,
    internal_routing: null,
    kind: app.kind,
    ...(app.kind === 'external' ? { acknowledged_version: app.acknowledgedVersion } : {}),
    ...(team ? { locked: app.locked } : {}),
    maintenance: app.maintenance,
    name: app.name,
    organization: team,
    owner: { id: app.ownerId, email: app.ownerEmail },
    region: { id: findRegion(app.region)?.id ?? app.id, name: app.region },
    released_at: app.releasedAt && timestamp(app.releasedAt),
    // There is no repository: sources come as archives. Clients crash when the field is missing.
    repo_size: null,
    slug_size: app.slugBytes,
    space: null,
    stack,
    team,
    updated_at: timestamp(app.updatedAt),
    web_url: app.kind === 'hosted' ? addresses.webUrl(app.name) : null,
  }
}

/** What events say of an app. */
export function appFacts(app: App): JsonObject {
  return {
    id: app.id,
    name: app.name,
    owner: { id: app.ownerId, email: app.ownerEmail },
    region: app.region,
    stack: app.stack,
    kind: app.kind,
    maintenance: app.maintenance,
  }
}

export const permissionTexts: Record<string, string> = {
  view: 'Can see the app, its add-ons and its releases.',
  deploy: 'Can deploy new versions and roll back.',
  operate: 'Can scale, restart, change config and add-ons.',
  manage: 'Can rename, share and destroy the app.',
}

export function collaboratorView(collaborator: Collaborator, app: App): WireCollaborator {
  const { accountId, email, isOwner, permissions } = collaborator
  return {
    app: { id: app.id, name: app.name },
    created_at: timestamp(collaborator.createdAt),
    id: collaboratorId(collaborator, app.id),
    permissions: permissions.map((name) => ({ name, description: permissionTexts[name] ?? '' })),
    role: isOwner ? 'owner' : 'collaborator',
    updated_at: timestamp(collaborator.updatedAt),
    user: { id: accountId, email, federated: false },
  }
}

/** What events say of a collaborator. */
export function collaboratorFacts({ accountId, email, permissions }: Collaborator, app: App): JsonObject {
  return { app: { id: app.id, name: app.name }, user: { id: accountId, email }, permissions: [...permissions] }
}
