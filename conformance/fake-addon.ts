import { randomBytes } from 'node:crypto'
import { grantMinutes } from '@mortise/contract/partner-api/oauth'

/** An add-on as the pretended platform knows it. */
export interface FakeAddon {
  uuid: string
  herokuId: string
  name: string
  plan: string
  region: string
  state: 'asking' | 'provisioning' | 'provisioned' | 'failed' | 'deprovisioning' | 'deprovisioned'
  config: Map<string, string>
  /** The provider's own id, once told. */
  providerId: string | null
  code: string
  codeExpiresAt: number
  isTraded: boolean
  accessTokens: Set<string>
  refreshToken: string
}

/** @param now milliseconds since 1970 */
export function createFakeAddon(
  of: Pick<FakeAddon, 'uuid' | 'herokuId' | 'name' | 'plan' | 'region'>,
  now: number,
): FakeAddon {
  return {
    ...of,
    state: 'asking',
    config: new Map(),
    providerId: null,
    code: randomBytes(16).toString('hex'),
    codeExpiresAt: now + grantMinutes * 60_000,
    isTraded: false,
    accessTokens: new Set(),
    refreshToken: randomBytes(24).toString('base64url'),
  }
}

/** How the Platform API shows it. */
export function addonView(addon: FakeAddon, service: { id: string; name: string }, configVars: readonly string[]) {
  const { uuid, name, plan, state, providerId } = addon
  return {
    id: uuid,
    name,
    state: state === 'asking' ? 'provisioning' : state === 'failed' ? 'deprovisioned' : state,
    app: { id: '00000000-0000-4000-8000-0000000000a0', name: 'inspected-app' },
    addon_service: { id: '00000000-0000-4000-8000-0000000000b0', name: service.id },
    plan: { id: '00000000-0000-4000-8000-0000000000c0', name: `${service.id}:${plan}` },
    provider_id: providerId,
    config_vars: configVars,
  }
}

/** How App Info, the API of the first generation, shows it. Source: Dev Center, Add-on App Info (2014). */
export function appInfo(addon: FakeAddon, platform: string) {
  const { herokuId, region, config } = addon
  return {
    id: herokuId,
    name: 'inspected-app',
    config: Object.fromEntries(config),
    callback_url: `${platform}/vendor/apps/${encodeURIComponent(herokuId)}`,
    owner_email: 'owner@example.com',
    region,
    domains: ['inspected-app.example.com'],
  }
}
