import type { Manifest, ManifestEndpoint } from '@mortise/contract/manifest/manifest'
import { acceptV1, acceptV3, type ProvisionQuestion } from '@mortise/contract/partner-api/provision'
import type { Exchange } from './exchange.js'
import type { Ledger } from './ledger.js'
import type { Sender } from './send.js'

/** Whoever asks, as Basic auth says it; null is nobody. */
export type Asker = { user: string; password: string } | null

/** A resource of the provider, as far as a path needs it. */
export interface Named {
  uuid: string
  herokuId: string
  /** The provider's own id, as text. */
  id: string | null
}

/** The wire's calls under their own names. Each is written into the ledger, whoever seemed to ask. */
export interface PartnerClient {
  provision(question: ProvisionQuestion & Record<string, unknown>, as?: Asker): Promise<Exchange>
  changePlan(resource: Named, plan: string, as?: Asker): Promise<Exchange>
  deprovision(resource: Named, options?: { as?: Asker; accept?: string; isCleanup?: boolean }): Promise<Exchange>
  /** What the provider keeps, one page of it. */
  list(query: { limit: number; after?: string | undefined }, as?: Asker): Promise<Exchange>
  /** The platform itself. */
  readonly self: { user: string; password: string }
}

export function createPartnerClient(
  { id, api }: Manifest,
  { base_url }: ManifestEndpoint,
  sender: Sender,
  ledger: Ledger,
  record: (verb: 'provision' | 'plan' | 'deprovision', exchange: Exchange) => void,
): PartnerClient {
  const self = { user: id, password: api.password }
  const isV3 = api.version === '3'

  function headers(as: Asker, accept = isV3 ? acceptV3 : acceptV1): Record<string, string> {
    const basic = as && `Basic ${Buffer.from(`${as.user}:${as.password}`).toString('base64')}`
    return { ...(basic ? { authorization: basic } : {}), accept }
  }

  function pathOf(resource: Named): string {
    const pathId = isV3 ? resource.uuid : resource.id
    if (pathId === null) throw new Error('A v1 resource without an id has no address.')
    return pathId
  }

  const json = { 'content-type': 'application/json' }

  return {
    self,
    async provision(question, as = self) {
      const body = JSON.stringify(question)
      const exchange = await sender.send({ method: 'POST', url: base_url, headers: { ...headers(as), ...json }, body })
      record('provision', exchange)
      ledger.provisioned(question.uuid, exchange)
      return exchange
    },
    async changePlan(resource, plan, as = self) {
      const url = `${base_url}/${encodeURIComponent(pathOf(resource))}`
      const body = JSON.stringify({ plan, uuid: resource.uuid, heroku_id: resource.herokuId })
      const exchange = await sender.send({ method: 'PUT', url, headers: { ...headers(as), ...json }, body })
      record('plan', exchange)
      return exchange
    },
    async list({ limit, after }, as = self) {
      const query = new URLSearchParams({ limit: String(limit), ...(after === undefined ? {} : { after }) })
      return sender.send({ method: 'GET', url: `${base_url}?${query}`, headers: headers(as) })
    },
    async deprovision(resource, { as = self, accept, isCleanup = false } = {}) {
      const pathId = pathOf(resource)
      const url = `${base_url}/${encodeURIComponent(pathId)}`
      const exchange = await sender.send({ method: 'DELETE', url, headers: headers(as, accept) }, { isCleanup })
      record('deprovision', exchange)
      ledger.deprovisioned(pathId, exchange)
      return exchange
    },
  }
}
