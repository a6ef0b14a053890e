import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Nullable, Ref, Timestamp, UserRef, Uuid } from './shared.js'

export const Source = Type.Object({
  source_blob: Type.Object({ get_url: Type.String(), put_url: Type.String() }),
})

export const buildStatuses = ['failed', 'pending', 'succeeded'] as const

export const Build = Type.Object({
  app: Type.Object({ id: Uuid }),
  buildpacks: Type.Array(Type.Object({ name: Type.String(), url: Type.String() })),
  created_at: Timestamp,
  generation: Type.Optional(Type.String()),
  id: Uuid,
  /** Ours: why it failed. */
  message: Type.Optional(Nullable(Type.String())),
  output_stream_url: Type.String(),
  release: Nullable(Type.Object({ id: Uuid })),
  slug: Nullable(Type.Object({ id: Uuid })),
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
        Type.Array(Type.Object({ url: Type.Optional(Type.String()), name: Type.Optional(Type.String()) }), {
          maxItems: 10,
        }),
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
