import { type Static, Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { App } from './apps.js'
import { Identity, Nullable, Ref, Timestamp, Uuid } from './shared.js'

export const Domain = Type.Object({
  acm_status: Nullable(Type.String()),
  acm_status_reason: Nullable(Type.String()),
  app: Ref,
  /** Of a custom one: what its DNS entry should point to. */
  cname: Nullable(Type.String()),
  created_at: Timestamp,
  hostname: Type.String(),
  id: Uuid,
  /** `heroku` is the one that the platform gives; `custom` are the customer's own. */
  kind: Type.Union([Type.Literal('heroku'), Type.Literal('custom')]),
  sni_endpoint: Nullable(Ref),
  status: Type.String(),
  updated_at: Timestamp,
})
export type Domain = Static<typeof Domain>

/** A certificate with which the platform answers TLS for the domains that name it. The key is in no answer. */
export const SniEndpoint = Type.Object({
  app: Ref,
  certificate_chain: Type.String(),
  created_at: Timestamp,
  display_name: Nullable(Type.String()),
  /** Ids of the domains that it is for. */
  domains: Type.Array(Uuid),
  id: Uuid,
  name: Type.String(),
  ssl_cert: Type.Object({
    acm: Type.Boolean(),
    'ca_signed?': Type.Boolean(),
    cert_domains: Type.Array(Type.String()),
    expires_at: Timestamp,
    id: Uuid,
    issuer: Type.String(),
    'self_signed?': Type.Boolean(),
    starts_at: Timestamp,
    subject: Type.String(),
  }),
  updated_at: Timestamp,
})
export type SniEndpoint = Static<typeof SniEndpoint>

const Hostname = Type.String({ minLength: 1, maxLength: 300 })
/** Ten long certificates, or the longest key there is, in PEM. */
const Pem = Type.String({ minLength: 1, maxLength: 65_536 })

export const domainRoutes = {
  list: route({
    method: 'GET',
    path: '/apps/:app/domains',
    title: 'Domain list',
    permission: 'app.view+partner',
    scope: 'read',
    answer: Type.Array(Domain),
    status: 200,
    list: { fields: ['id', 'hostname', 'created_at'] },
  }),
  create: route({
    method: 'POST',
    path: '/apps/:app/domains',
    title: 'Domain create: requests for this Host reach the app at once',
    permission: 'app.operate',
    scope: 'write',
    body: Type.Object({ hostname: Hostname, sni_endpoint: Type.Optional(Nullable(Identity)) }),
    answer: Domain,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/domains/:domain',
    title: 'Domain info, by id or hostname',
    permission: 'app.view',
    scope: 'read',
    answer: Domain,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/apps/:app/domains/:domain',
    title: 'Domain update: the certificate that it is served with',
    permission: 'app.operate',
    scope: 'write',
    body: Type.Object({ sni_endpoint: Nullable(Identity) }),
    answer: Domain,
    status: 200,
  }),
  remove: route({
    method: 'DELETE',
    path: '/apps/:app/domains/:domain',
    title: 'Domain delete',
    permission: 'app.operate',
    scope: 'write',
    answer: Domain,
    status: 200,
  }),
}

const Pair = Type.Object({ certificate_chain: Pem, private_key: Pem })

export const sniEndpointRoutes = {
  list: route({
    method: 'GET',
    path: '/apps/:app/sni-endpoints',
    title: 'SNI endpoint list',
    permission: 'app.view',
    scope: 'read',
    answer: Type.Array(SniEndpoint),
    status: 200,
    list: { fields: ['id', 'name', 'created_at'] },
  }),
  create: route({
    method: 'POST',
    path: '/apps/:app/sni-endpoints',
    title: 'SNI endpoint create',
    permission: 'app.operate',
    scope: 'write-protected',
    body: Pair,
    answer: SniEndpoint,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/sni-endpoints/:sni_endpoint',
    title: 'SNI endpoint info, by id or name',
    permission: 'app.view',
    scope: 'read',
    answer: SniEndpoint,
    status: 200,
  }),
  update: route({
    method: 'PATCH',
    path: '/apps/:app/sni-endpoints/:sni_endpoint',
    title: 'SNI endpoint update: another certificate, such as a renewed one',
    permission: 'app.operate',
    scope: 'write-protected',
    body: Pair,
    answer: SniEndpoint,
    status: 200,
  }),
  remove: route({
    method: 'DELETE',
    path: '/apps/:app/sni-endpoints/:sni_endpoint',
    title: 'SNI endpoint delete; its domains stay, without TLS',
    permission: 'app.operate',
    scope: 'write',
    answer: SniEndpoint,
    status: 200,
  }),
}

const acm = '/apps/:app/acm'
/** Certificates that the platform would get by itself. It gets none, and says so. */
export const acmRoutes = {
  enable: route({
    method: 'POST',
    path: acm,
    title: 'ACM enable; refused, since no certificates are got here',
    permission: 'app.operate',
    scope: 'write',
    answer: App,
    status: 200,
  }),
  refresh: route({
    method: 'PATCH',
    path: acm,
    title: 'ACM refresh; refused, since it is never on',
    permission: 'app.operate',
    scope: 'write',
    answer: App,
    status: 200,
  }),
  disable: route({
    method: 'DELETE',
    path: acm,
    title: 'ACM disable: it is off',
    permission: 'app.operate',
    scope: 'write',
    answer: App,
    status: 200,
  }),
}
