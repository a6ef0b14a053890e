import type { AddonAction, PartnerAddon } from '@mortise/contract/partner-api/actions'
import type { AddonConfig } from '@mortise/contract/partner-api/config'

/** Milliseconds to wait for the platform. */
export const platformAnswerMs = 15_000

/** The platform answered, and not as hoped. 404 and 410 mean that the add-on is not there (any more). */
export class PlatformRefused extends Error {
  override name = 'PlatformRefused'
  readonly status: number
  readonly id: string
  constructor(status: number, id: string, message: string) {
    super(message)
    this.status = status
    this.id = id
  }
}

/** What a provider can do about one add-on, as the grant allows. Every call may be repeated. */
export interface PlatformClient {
  addon(): Promise<PartnerAddon>
  /** Values under the service's own names. */
  getConfig(): Promise<Record<string, string>>
  /** Sets the given names, deletes those that are null, and leaves the rest. Every attached app gets a release. */
  patchConfig(changes: Record<string, string | null>): Promise<Record<string, string>>
  /** Ends a 202: the resource is ready. */
  provisioned(): Promise<void>
  /** The resource could not be made, or a slow removal is done. */
  deprovisioned(): Promise<void>
}

/**
 * @param api address of the Platform API, such as https://api.heroku.com
 * @param token gives a valid access token; asked again, with `true`, after a 401
 * @throws PlatformRefused, or what `fetch` throws when the platform is not reached; also each of the calls
 */
export function createPlatformClient(
  api: string,
  uuid: string,
  token: (isRefused?: boolean) => Promise<string>,
): PlatformClient {
  const at = `${api.replace(/\/+$/, '')}/addons/${encodeURIComponent(uuid)}`
  const act = async (action: AddonAction) => void (await call('POST', `/actions/${action}`))
  return {
    addon: () => call<PartnerAddon>('GET', ''),
    getConfig: async () => valuesOf(await call<AddonConfig>('GET', '/config')),
    async patchConfig(changes) {
      const config = Object.entries(changes).map(([name, value]) => ({ name, value }))
      return valuesOf(await call<AddonConfig>('PATCH', '/config', { config }))
    },
    provisioned: () => act('provision'),
    deprovisioned: () => act('deprovision'),
  }

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const ask = async (bearer: string) =>
      fetch(at + path, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(platformAnswerMs),
        headers: {
          accept: 'application/vnd.heroku+json; version=3',
          authorization: `Bearer ${bearer}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    let response = await ask(await token())
    if (response.status === 401) response = await ask(await token(true))
    const text = await response.text()
    if (response.ok) return (text ? JSON.parse(text) : undefined) as T
    const { id, message } = refusalOf(text)
    throw new PlatformRefused(
      response.status,
      id,
      message || `${method} ${path || 'add-on'} answered ${response.status}.`,
    )
  }
}

function valuesOf(config: AddonConfig): Record<string, string> {
  return Object.fromEntries(config.map(({ name, value }) => [name, value]))
}

function refusalOf(text: string): { id: string; message: string } {
  try {
    const { id, message } = JSON.parse(text)
    return { id: String(id ?? ''), message: String(message ?? '') }
  } catch {
    return { id: '', message: '' }
  }
}
