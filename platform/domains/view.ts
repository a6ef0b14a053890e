import { X509Certificate } from 'node:crypto'
import type { Domain, SniEndpoint as WireEndpoint } from '@mortise/contract/platform-api/domains'
import { timestamp } from '@mortise/contract/platform-api/shared'
import type { App } from '../apps/app.js'
import type { AppAddresses } from '../apps/view.js'
import { derivedId } from '../world/derived-id.js'
import type { CustomDomain } from './domain.js'
import { isSelfSigned, namesIn } from './pair.js'
import type { SniEndpoint } from './sni-store.js'

/** The domain that each hosted app has by itself. */
export function ownDomainView(app: App, addresses: AppAddresses): Domain {
  return {
    acm_status: null,
    acm_status_reason: null,
    app: { id: app.id, name: app.name },
    cname: null,
    created_at: timestamp(app.createdAt),
    hostname: addresses.hostname(app.name),
    id: derivedId('domain', app.id),
    kind: 'heroku',
    sni_endpoint: null,
    status: 'none',
    updated_at: timestamp(app.updatedAt),
  }
}

export function domainView(domain: CustomDomain, app: Pick<App, 'id' | 'name'>, addresses: AppAddresses): Domain {
  return {
    acm_status: null,
    acm_status_reason: null,
    app: { id: app.id, name: app.name },
    cname: addresses.hostname(app.name),
    created_at: timestamp(domain.createdAt),
    hostname: domain.hostname,
    id: domain.id,
    kind: 'custom',
    sni_endpoint: domain.sniEndpoint,
    // The router looks names up as requests come, so there is nothing to wait for.
    status: 'succeeded',
    updated_at: timestamp(domain.updatedAt),
  }
}

export function sniEndpointView(endpoint: SniEndpoint, app: Pick<App, 'id' | 'name'>): WireEndpoint {
  const certificate = new X509Certificate(endpoint.certificateChain)
  return {
    app: { id: app.id, name: app.name },
    certificate_chain: endpoint.certificateChain,
    created_at: timestamp(endpoint.createdAt),
    display_name: null,
    domains: endpoint.domainIds,
    id: endpoint.id,
    name: endpoint.name,
    ssl_cert: {
      acm: false,
      'ca_signed?': endpoint.isCaSigned,
      cert_domains: namesIn(certificate),
      expires_at: timestamp(new Date(certificate.validTo)),
      id: derivedId(`certificate ${endpoint.version}`, endpoint.id),
      issuer: oneLine(certificate.issuer),
      'self_signed?': isSelfSigned(certificate),
      starts_at: timestamp(new Date(certificate.validFrom)),
      subject: oneLine(certificate.subject),
    },
    updated_at: timestamp(endpoint.updatedAt),
  }
}

/** `/C=US/CN=example.com`, as OpenSSL used to write names and clients compare them. */
const oneLine = (name = '') =>
  name
    .split('\n')
    .map((part) => `/${part}`)
    .join('')
