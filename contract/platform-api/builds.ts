import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Identity, Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

export const Source = Type.Object({
  source_blob: Type.Object({ get_url: Type.String(), put_url: Type.String() }),
})

export const buildStatuses = ['failed', 'pending', 'succeeded'] as const

export const Build = Type.Object({
  app: Type.Object({ id: Uuid }),
  buildpacks: Type.Array(Type.Object({ name: Type.String(), url: Type.String() })),
  created_at: Timestamp,
  generation: Type.String(),
  id: Uuid,
  /** Ours: why it failed. */
  message: Type.Optional(Nullable(Type.String())),
  output_stream_url: Type.String(),
  release: Nullable(Type.Object({ id: Uuid })),
  /** Ours: its size in bytes. */
  slug: Nullable(Type.Object({ id: Uuid, size: Type.Optional(Nullable(Type.Integer())) })),
  source_blob: Type.Object({
    checksum: Nullable(Type.String()),
    url: Type.String(),
    version: Nullable(Type.String()),
    version_description: Nullable(Type.String()),
  }),
  stack: Type.String(),
  status: Type.Union(buildStatuses.map((status) => Type.Literal(status))),
  updated_at: Timestamp,
  user: UserRef,
})
export type Build = Static<typeof Build>

export const Slug = Type.Object({
  blob: Type.Object({ method: Type.String(), url: Type.String() }),
  buildpack_provided_description: Nullable(Type.String()),
  checksum: Nullable(Type.String()),
  commit: Nullable(Type.String()),
  commit_description: Nullable(Type.String()),
  created_at: Timestamp,
  deleted_at: Type.Null(),
  id: Uuid,
  process_types: Type.Record(Type.String(), Type.String()),
  size: Nullable(Type.Integer()),
  stack: Ref,
  updated_at: Timestamp,
})
export type Slug = Static<typeof Slug>

const BuildpackRef = Type.Object({ name: Type.String(), url: Type.String() })

export const BuildpackInstallation = Type.Object({
  buildpack: BuildpackRef,
  ordinal: Type.Integer({ minimum: 0 }),
})
export type BuildpackInstallation = Static<typeof BuildpackInstallation>

/** Buildpacks of one app. Source: Dev Center, "Using Multiple Buildpacks for an App" names no limit; ours. */
export const buildpacksMax = 10
const BuildpackText = Type.String({ minLength: 1, maxLength: 1000 })

export const sourceRoutes = {
  create: route({
    method: 'POST',
    path: '/sources',
    title: 'Source create',
    permission: 'account',
    scope: 'write',
    answer: Source,
    status: 201,
  }),
  createForApp: route({
    method: 'POST',
    path: '/apps/:app/sources',
    title: 'Source create (older address)',
    permission: 'app.deploy',
    scope: 'write',
    answer: Source,
    status: 201,
  }),
}

export const buildRoutes = {
  list: route({
    method: 'GET',
    path: '/apps/:app/builds',
    title: 'Build list',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(Build),
    status: 200,
    list: { fields: ['created_at', 'id'] },
  }),
  create: route({
    method: 'POST',
    path: '/apps/:app/builds',
    title: 'Build create',
    permission: 'app.deploy',
    scope: 'write',
    body: Type.Object({
      buildpacks: Type.Optional(
        Nullable(
          Type.Array(Type.Object({ url: Type.Optional(BuildpackText), name: Type.Optional(BuildpackText) }), {
            maxItems: buildpacksMax,
          }),
        ),
      ),
      normalize_caches: Type.Optional(Type.Boolean()),
      source_blob: Type.Object({
        checksum: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
        url: Type.String({ maxLength: 4000 }),
        version: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
        version_description: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
      }),
    }),
    answer: Build,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/builds/:build',
    title: 'Build info',
    permission: 'app.view',
    scope: 'read',
    answer: Build,
    status: 200,
  }),
  cancel: route({
    method: 'DELETE',
    path: '/apps/:app/builds/:build',
    title: 'Build cancel: a running one is stopped',
    permission: 'app.deploy',
    scope: 'write',
    answer: Build,
    status: 200,
  }),
  dropCache: route({
    method: 'DELETE',
    path: '/apps/:app/build-cache',
    title: 'Build cache delete; 202 when a build uses it just now, and it goes after that',
    permission: 'app.deploy',
    scope: 'write',
    answer: Type.Object({}),
    status: 200,
  }),
  buildpacks: route({
    method: 'GET',
    path: '/apps/:app/buildpack-installations',
    title: 'Buildpack installation list; none means that one is detected',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(BuildpackInstallation),
    status: 200,
  }),
  putBuildpacks: route({
    method: 'PUT',
    path: '/apps/:app/buildpack-installations',
    title: 'Buildpack installation update: the next build uses these, in this order',
    permission: 'app.deploy',
    scope: 'write',
    body: Type.Object({
      updates: Type.Array(Type.Object({ buildpack: BuildpackText }), { maxItems: buildpacksMax }),
    }),
    answer: Type.Array(BuildpackInstallation),
    status: 200,
  }),
  createSlug: route({
    method: 'POST',
    path: '/apps/:app/slugs',
    title: 'Slug create: PUT the archive to blob.url, then release it',
    permission: 'app.deploy',
    scope: 'write',
    body: Type.Object({
      buildpack_provided_description: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
      checksum: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
      commit: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
      commit_description: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
      process_types: Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9_-]{1,50}$' }),
        Type.String({ minLength: 1, maxLength: 32_768, pattern: '^[^\\u0000]*$' }),
        { additionalProperties: false, maxProperties: 100 },
      ),
      stack: Type.Optional(Nullable(Identity)),
    }),
    answer: Slug,
    status: 201,
  }),
  slug: route({
    method: 'GET',
    path: '/apps/:app/slugs/:slug',
    title: 'Slug info',
    permission: 'app.view',
    scope: 'read',
    answer: Slug,
    status: 200,
  }),
}
