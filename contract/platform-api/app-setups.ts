import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Identity, Nullable, Ref, Timestamp, Uuid } from './shared.js'

/** An app made from an archive with an app.json in it. What fails takes the app away again, and says why. */
export const AppSetup = Type.Object({
  app: Ref,
  build: Nullable(
    Type.Object({
      id: Uuid,
      output_stream_url: Type.String(),
      status: Type.Union([Type.Literal('failed'), Type.Literal('pending'), Type.Literal('succeeded')]),
    }),
  ),
  created_at: Timestamp,
  failure_message: Nullable(Type.String()),
  id: Uuid,
  manifest_errors: Type.Array(Type.String()),
  postdeploy: Nullable(Type.Object({ exit_code: Type.Integer(), output: Type.String() })),
  resolved_success_url: Nullable(Type.String()),
  status: Type.Union([Type.Literal('failed'), Type.Literal('pending'), Type.Literal('succeeded')]),
  updated_at: Timestamp,
})
export type AppSetup = Static<typeof AppSetup>

const Text = Type.String({ maxLength: 32 * 1024 })

export const appSetupRoutes = {
  create: route({
    method: 'POST',
    path: '/app-setups',
    title: 'App setup create: makes an app from an archive with an app.json',
    permission: 'account',
    scope: 'write-protected',
    body: Type.Object({
      app: Type.Optional(
        Type.Object({
          locked: Type.Optional(Type.Boolean()),
          name: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
          organization: Type.Optional(Nullable(Identity)),
          personal: Type.Optional(Type.Boolean()),
          region: Type.Optional(Nullable(Identity)),
          space: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
          stack: Type.Optional(Nullable(Identity)),
          team: Type.Optional(Nullable(Identity)),
        }),
      ),
      overrides: Type.Optional(
        Type.Object({
          buildpacks: Type.Optional(
            Type.Array(Type.Object({ url: Type.String({ maxLength: 2000 }) }), { maxItems: 100 }),
          ),
          env: Type.Optional(Type.Record(Type.String({ maxLength: 300 }), Text)),
        }),
      ),
      source_blob: Type.Object({
        checksum: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
        url: Type.String({ minLength: 1, maxLength: 4000 }),
        version: Type.Optional(Nullable(Type.String({ maxLength: 1000 }))),
      }),
    }),
    answer: AppSetup,
    status: 202,
  }),
  info: route({
    method: 'GET',
    path: '/app-setups/:setup',
    title: 'App setup info',
    permission: 'account',
    scope: 'read-protected',
    answer: AppSetup,
    status: 200,
  }),
}
