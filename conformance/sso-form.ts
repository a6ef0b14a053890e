import { encodeNavData } from '@mortise/contract/partner-api/nav-data'
import { resourceToken, ssoToken, userScopedResourceToken } from '@mortise/contract/partner-api/sso'
import { Skipped } from './check.js'
import type { Inspection, Made } from './inspection.js'

/** The three generations of tokens, by the names of their fields. */
export const tokenFields = ['token', 'resource_token', 'user_scoped_resource_token'] as const
export type TokenField = (typeof tokenFields)[number]

export const person = { user_id: '11111111-2222-4333-8444-555555555555', email: 'customer@example.com' }

/** The resource to sign on to. @throws Skipped when the service has no dashboard */
export async function dashboardOf(it: Inspection): Promise<Made> {
  if (it.endpoint.sso_method === 'none') throw new Skipped('the manifest has no sso_url')
  if (!it.manifest.api.sso_salt) throw new Skipped('the manifest has no sso_salt')
  return it.live()
}

export interface FormWishes {
  /** Seconds since it was signed. */
  age?: number
  /** Tokens to send; by default those that the platform would. */
  tokens?: readonly TokenField[]
  salt?: string
  /** The resource's own id, where it is not the provider's. */
  of?: Pick<Made, 'uuid' | 'id'>
}

const used = new WeakMap<Inspection, Set<number>>()

/**
 * A moment that no other form of this inspection was signed at, as late as possible. Tokens carry whole seconds:
 * two forms of one second would be one form used twice.
 */
function timestampOf(it: Inspection, age: number): number {
  const taken = used.get(it) ?? new Set<number>()
  used.set(it, taken)
  let seconds = Math.floor(it.world.now() / 1000) - age
  while (taken.has(seconds)) seconds--
  taken.add(seconds)
  return seconds
}

/** The sign-on form as a platform would sign it now, or as wished. */
export function ssoForm(it: Inspection, made: Made, wishes: FormWishes = {}): Record<string, string> {
  const { manifest } = it
  const { age = 0, salt = manifest.api.sso_salt, of = made } = wishes
  const isUserScoped = manifest.api.sso === 'user_scoped'
  const tokens = wishes.tokens ?? (isUserScoped ? ['user_scoped_resource_token'] : tokenFields)
  const timestamp = String(timestampOf(it, age))
  const id = of.id ?? of.uuid
  const { user_id: userId, email } = person
  const signed: Record<TokenField, string> = {
    token: ssoToken({ id, salt, timestamp }),
    resource_token: resourceToken({ resourceId: of.uuid, salt, timestamp }),
    user_scoped_resource_token: userScopedResourceToken({ resourceId: of.uuid, salt, timestamp, userId, email }),
  }
  return {
    id,
    resource_id: of.uuid,
    timestamp,
    ...Object.fromEntries(tokens.map((field) => [field, signed[field]])),
    'nav-data': navData(it, made),
    ...person,
    app: 'inspected-app',
    context_app: 'inspected-app',
  }
}

function navData({ manifest }: Inspection, { addon }: Made): string {
  const addons = [{ slug: manifest.id, name: addon.name, current: true }]
  return encodeNavData({ addon: manifest.name, appname: 'inspected-app', addons })
}

/** The form with other tokens in the place of its own: as long, and wrong. */
export function forged(form: Record<string, string>): Record<string, string> {
  const turned = (text: string) => text.replace(/[0-9a-f]/g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16))
  return Object.fromEntries(
    Object.entries(form).map(([key, value]) => [
      key,
      (tokenFields as readonly string[]).includes(key) ? turned(value) : value,
    ]),
  )
}
