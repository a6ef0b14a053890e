import type { IncomingMessage } from 'node:http'
import { resourceToken, ssoToken, userScopedResourceToken } from '@mortise/contract/partner-api/sso'
import type { Reply, Resource } from './broken-provider.js'

type Form = Record<string, string>
export type TokenWord = 'token' | 'resource_token' | 'user_scoped_resource_token'

export interface SignOnHabits {
  /** Tokens that are checked, when they are in the form; at least one must be there. */
  checked: readonly TokenWord[]
  /** Tokens that open the door whatever they are. */
  believed: readonly TokenWord[]
  salts: readonly string[]
  freshSeconds: number
  aheadSeconds: number
  isOnce: boolean
  unknown: Reply
  forbidden: number
  /** Keys that it knows; null: any. */
  keys: readonly string[] | null
  cookies(form: Form): string[]
  page: Reply
}

export const soundSignOn: SignOnHabits = {
  checked: ['user_scoped_resource_token', 'resource_token', 'token'],
  believed: [],
  salts: ['s'.repeat(24)],
  freshSeconds: 300,
  aheadSeconds: 60,
  isOnce: true,
  unknown: { status: 404 },
  forbidden: 403,
  keys: null,
  cookies: (form) => [`heroku-nav-data=${form['nav-data']}; Path=/`],
  page: { status: 200, text: '<body><script src="https://platform.example.com/nav/v1/header.js"></script></body>' },
}

export function brokenSignOn(habits: SignOnHabits, { find }: { salt: string; find(id: string): Resource | undefined }) {
  const used = new Set<string>()

  return {
    open(form: Form): Reply {
      if (!isGood(form)) return { status: habits.forbidden }
      const resource = find(form.resource_id ?? '') ?? find(form.id ?? '')
      if (!resource) return habits.unknown
      return {
        status: 303,
        headers: {
          location: '/dashboard',
          'set-cookie': ['fast_session=1; Path=/; HttpOnly', ...habits.cookies(form)],
        },
      }
    },
    page(req: IncomingMessage): Reply {
      return (req.headers.cookie ?? '').includes('fast_session=1') ? habits.page : { status: 401 }
    },
  }

  function isGood(form: Form): boolean {
    const { keys, freshSeconds, aheadSeconds } = habits
    if (keys && Object.keys(form).some((key) => !keys.includes(key))) return false
    const age = Date.now() / 1000 - Number(form.timestamp)
    if (age > freshSeconds || age < -aheadSeconds) return false
    if (habits.believed.some((word) => form[word])) return true
    const given = habits.checked.filter((word) => form[word])
    if (given.length === 0) return false
    const isSigned = habits.salts.some((salt) => given.every((word) => form[word] === expected(form, salt)[word]))
    if (!isSigned) return false
    const mark = given.map((word) => form[word]).join()
    const isNew = !used.has(mark)
    used.add(mark)
    return isNew || !habits.isOnce
  }
}

function expected(form: Form, salt: string): Record<TokenWord, string> {
  const { id = '', resource_id: resourceId = '', timestamp = '', user_id: userId = '', email = '' } = form
  return {
    token: ssoToken({ id, salt, timestamp }),
    resource_token: resourceToken({ resourceId, salt, timestamp }),
    user_scoped_resource_token: userScopedResourceToken({ resourceId, salt, timestamp, userId, email }),
  }
}
