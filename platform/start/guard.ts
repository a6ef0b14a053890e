import { WireError } from '@mortise/contract/errors'
import type { Permission } from '@mortise/contract/route'
import type { AppRight, TeamRight } from '../accounts/permit.js'
import { guardAddon, guardAppOfAddon, guardTeamOfAddon } from '../addons/guard.js'
import { guardApp } from '../apps/guard.js'
import { guardProvider, guardService } from '../catalog/guard.js'
import type { Db } from '../db/db.js'
import type { Asker, Subjects } from '../http/handle.js'
import { guardTeam } from '../teams/guard.js'

type Guard = (permission: Permission, asker: Asker | null, params: Record<string, string>) => Promise<Subjects>

/** Joins the rooms' guards: loads what a route speaks of and checks the right before the route's own code runs. */
export function guardOf(db: Db, now: () => Date): Guard {
  return async (permission, asker, params) => {
    if (permission === 'anyone') return {}
    if (!asker) throw new WireError('unauthorized', 'Invalid credentials provided.')
    const [noun, rest = ''] = permission.split('.') as [string, string?]
    const [right, partner] = rest.split('+')
    if (partner && !asker.account) {
      if (noun === 'team') return { team: await guardTeamOfAddon(db, asker, named(params, 'team')) }
      return guardAppOfAddon(db, asker, named(params, 'app'))
    }
    switch (noun) {
      case 'bearer':
        if (!asker.account && !asker.addonId) throw new WireError('forbidden', 'This needs a token.')
        return {}
      case 'provider':
        return { service: await guardProvider(db, asker, params.slug) }
      case 'account':
        if (!asker.account)
          throw new WireError(
            'forbidden',
            'This needs an account, not the token of a grant. Send the token of a person.',
          )
        return {}
      case 'app':
        return { app: await guardApp(db, asker, named(params, 'app'), right as AppRight) }
      case 'team': {
        const { team, role } = await guardTeam(db, asker, named(params, 'team'), right as TeamRight)
        return { team, teamRole: role }
      }
      case 'addon': {
        const addon = named(params, 'addon')
        return guardAddon(db, asker, { addon, app: params.app }, right as 'view' | 'manage' | 'partner', now())
      }
      case 'service':
        return { service: await guardService(db, asker, named(params, 'slug')) }
      case 'operator':
        if (!asker.account?.isOperator) throw new WireError('forbidden', 'This is for the operator.')
        return {}
      default:
        throw new WireError('not_implemented', `This platform can not judge the permission "${permission}" yet.`)
    }
  }
}

function named(params: Record<string, string>, name: string): string {
  const value = params[name]
  if (value === undefined) throw new Error(`a route whose permission speaks of :${name} has no such part in its path`)
  return value
}
