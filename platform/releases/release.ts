import type { ReleaseStatus } from '@mortise/contract/platform-api/releases'

/** Slug + config, numbered per app: what runs, or ran. */
export interface Release {
  id: string
  appId: string
  appName: string
  version: number
  description: string
  accountId: string | null
  actorEmail: string
  slugId: string | null
  snapshotId: string
  /** Whether its slug names a release command. */
  hasCommand: boolean
  status: ReleaseStatus
  message: string | null
  operationId: string | null
  addonPlanNames: string[]
  createdAt: Date
  updatedAt: Date
}

/** An attachment's names in the app and the credential version they are read from; never values. */
export interface Pin {
  attachmentId: string
  credentialId: string
  /** Provider's name → this app's name. */
  names: Record<string, string>
}

/** "Set A, B config vars", as Heroku says it. */
export function describeVars(changes: Record<string, string | null>): string {
  const names = Object.keys(changes)
  const set = names.filter((name) => changes[name] !== null)
  const removed = names.filter((name) => changes[name] === null)
  const parts = [
    set.length ? `Set ${set.join(', ')}` : '',
    removed.length ? `${set.length ? 'remove' : 'Remove'} ${removed.join(', ')}` : '',
  ]
  return cut(`${parts.filter(Boolean).join(' and ')} config vars`)
}

/** Release descriptions stay one readable line. */
export function cut(text: string, most = 250): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** A customer may set any name that a shell could; what add-ons may set is narrower (contract/manifest). */
export function varNameProblem(name: string): string | null {
  return /^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(name)
    ? null
    : `"${cut(name, 60)}" can't be a config var: a name holds letters, digits and "_", starts with no digit, and has at most 200 characters.`
}
