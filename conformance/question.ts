import type { Manifest } from '@mortise/contract/manifest/manifest'
import type { OauthGrant } from '@mortise/contract/partner-api/provision'
import type { FakeAddon } from './fake-addon.js'

/** AWS names of the region words. Source: Fission's provider, Dev Center (2014). */
const regionNames: Record<string, string> = {
  us: 'us-east-1',
  virginia: 'us-east-1',
  eu: 'eu-west-1',
  dublin: 'eu-west-1',
  frankfurt: 'eu-central-1',
  oregon: 'us-west-2',
  tokyo: 'ap-northeast-1',
}

/** A region that the service is offered in, as it is written in a provision request. */
export function regionOf({ api }: Manifest): string {
  const word = api.regions.find((each) => each in regionNames) ?? 'us'
  return `amazon-web-services::${regionNames[word]}`
}

/**
 * The body of a provision request: the fields of v1 and v3 together, as platforms send them, because real providers
 * of either generation read some of the other's.
 */
export function provisionQuestion(addon: FakeAddon, { api }: Manifest, platform: string) {
  const isV3 = api.version === '3'
  const grant: OauthGrant = {
    code: addon.code,
    type: 'authorization_code',
    expires_at: new Date(addon.codeExpiresAt).toISOString(),
  }
  const logHost = new URL(platform)
  return {
    uuid: addon.uuid,
    heroku_id: addon.herokuId,
    name: addon.name,
    plan: addon.plan,
    region: addon.region,
    callback_url: isV3
      ? `${platform}/addons/${addon.uuid}`
      : `${platform}/vendor/apps/${encodeURIComponent(addon.herokuId)}`,
    options: {} as Record<string, string>,
    oauth_grant: grant,
    logplex_token: null,
    ...(api.requires.includes('log_input')
      ? { log_input_url: `${logHost.protocol}//token:t.${addon.uuid}@${logHost.host}/logs` }
      : {}),
    ...(api.requires.includes('syslog_drain') ? { log_drain_token: `d.${addon.uuid}` } : {}),
  }
}
