import { randomBytes } from 'node:crypto'
import type { Fields } from '@mortise/contract/manifest/fields'
import { accessTokenSeconds } from '@mortise/contract/partner-api/oauth'
import type { FakeAddon } from './fake-addon.js'
import type { Call, FakeWorld } from './fake-routes.js'

type Result = Pick<Call, 'kind' | 'status'> & { answer?: unknown; problem?: string; addon?: FakeAddon | undefined }

/** POST /oauth/token: a grant's code, or a refresh token, for an access token. There is no client_id. */
export function tradeTokens(fields: Fields, { addons, clientSecret, now }: FakeWorld): Result {
  const text = (key: string) => (typeof fields[key] === 'string' ? (fields[key] as string) : '')
  const isRefresh = text('grant_type') === 'refresh_token'
  const addon = addons.find((each) =>
    isRefresh ? each.refreshToken === text('refresh_token') : each.code === text('code'),
  )
  const refused = (message: string): Result => {
    return { kind: 'token', status: 401, answer: { id: 'unauthorized', message }, problem: message, addon }
  }
  if (!isRefresh && text('grant_type') !== 'authorization_code') {
    return refused('"grant_type" must be "authorization_code" or "refresh_token".')
  }
  if (!addon) return refused(isRefresh ? 'That refresh token was never given out.' : 'That code was never given out.')
  if (!text('client_secret')) return refused('"client_secret" is missing.')
  if (clientSecret && text('client_secret') !== clientSecret)
    return refused('"client_secret" is not the one that was given.')
  if (!isRefresh && now() > addon.codeExpiresAt) return refused('The code ran out: it lives for five minutes.')
  addon.isTraded = true
  const access_token = `HRKU-${randomBytes(24).toString('base64url')}`
  addon.accessTokens.add(access_token)
  const answer = {
    access_token,
    refresh_token: addon.refreshToken,
    expires_in: accessTokenSeconds,
    token_type: 'Bearer',
    user_id: '00000000-0000-4000-8000-0000000000d0',
    session_nonce: null,
  }
  return { kind: 'token', status: 200, answer, addon }
}
