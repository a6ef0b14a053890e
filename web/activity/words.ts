import type { Activity } from '@mortise/contract/platform-api/activity'
import { browserName } from './browser-name.js'

/** Kinds of things that an app's trail tells of, as people call them. */
export const kinds: Readonly<Record<string, string>> = {
  addon: 'Add-on',
  'addon-attachment': 'Attachment',
  app: 'App',
  build: 'Build',
  collaborator: 'Collaborator',
  'config-read': 'Config values read',
  'sign-on': 'Sign-on',
  domain: 'Domain',
  dyno: 'Dyno',
  formation: 'Dynos scaled',
  'log-drain': 'Log drain',
  release: 'Release',
  'sni-endpoint': 'Certificate',
}

/** What happens to an account and in a team. */
export const accountKinds: Readonly<Record<string, string>> = {
  account: 'Account',
  authorization: 'Token',
  session: 'Sign-in',
  'oauth-client': 'Program',
  'owned-app': 'App given or taken',
  invite: 'Link',
  quota: 'Quota',
  'team-member': 'Team member',
  'stage-request': 'Next stage',
}

export const teamKinds: Readonly<Record<string, string>> = {
  team: 'Team',
  'team-member': 'Member',
  'team-invitation': 'Invitation',
  'allowed-service': 'Allowed service',
  'owned-app': 'App',
  quota: 'Quota',
}

/** What a fact is about, in a word. */
export const kindOf = (resource: string): string =>
  kinds[resource] ?? teamKinds[resource] ?? accountKinds[resource] ?? resource

const verbs: Record<Activity['action'], string> = { create: 'added', destroy: 'removed', update: 'changed' }

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const emailIn = (data: Activity['data']): string => {
  const user = data['user']
  return text(user && typeof user === 'object' ? (user as Record<string, unknown>)['email'] : data['email'])
}

const stageVerbs: Readonly<Record<string, string>> = {
  open: 'Made',
  granted: 'Granted',
  declined: 'Declined',
  withdrawn: 'Withdrew',
}

/** What happened, in one sentence without its doer: `Released v3: Set GREETING config vars`. */
export function sentenceFor({ action, resource, subject, data, previous_data: before }: Activity): string {
  const name = subject.name ?? ''
  switch (resource) {
    case 'release':
      return action === 'create'
        ? `Released v${text(data['version'])}: ${text(data['description']).replaceAll('@ref:', '@')}`
        : `Release v${text(data['version'])} ${text(data['status'])}`
    case 'app':
      if (action === 'create') return `Created the app ${name}`
      if (action === 'destroy') return `Destroyed the app ${name}`
      if ('name' in before) return `Renamed the app from ${text(before['name'])} to ${name}`
      if ('maintenance' in before) return data['maintenance'] ? 'Began maintenance' : 'Ended maintenance'
      if ('locked' in before) return data['locked'] ? 'Locked the app' : 'Opened the app to its team'
      if ('buildpacks' in before) return 'Chose other buildpacks'
      if ('owner' in before) return 'Gave the app to another owner'
      return `Changed the app ${name}`
    case 'addon':
      if ('plan' in before) return `Moved ${name} to another plan`
      if ('state' in before) return `${name} is ${text(data['state'])}`
      if ('name' in before) return `Renamed the add-on ${text(before['name'])} to ${name}`
      return action === 'create' ? `Ordered the add-on ${name}` : `The add-on ${name} was ${verbs[action]}`
    case 'addon-attachment':
      return action === 'destroy' ? `Detached ${name}` : `Attached ${name}`
    case 'collaborator':
      return `${verbs[action] === 'changed' ? 'Changed the permissions of' : action === 'create' ? 'Gave access to' : 'Took access from'} ${emailIn(data) || 'somebody'}`
    case 'build':
      return action === 'create' ? 'Began a build' : `The build ${text(data['status'])}`
    case 'formation':
      return `Scaled ${name} to ${text(data['quantity'])} of ${text(data['size'])}`
    case 'config-read':
      return readSentence(data)
    case 'sign-on':
      return `Opened the pages of ${name} at its provider`
    case 'account':
      return accountSentence(data, action)
    case 'stage-request':
      return `${stageVerbs[text(data['state'])] ?? 'Changed'} the request of ${text(data['service'])} for ${text(data['stage'])}`
    case 'session':
      if (action === 'create') return `Signed in${fromWhere(data)}`
      return data['because'] === 'sign-in' ? 'Signed out, by signing in anew in the same browser' : 'Signed out'
    case 'authorization':
      return authorizationSentence(data, action)
    case 'oauth-client':
      if (data['changed'] === 'secret') return `Gave the program ${name} a new secret`
      return `${{ create: 'Registered', update: 'Changed', destroy: 'Removed' }[action]} the program ${name}`
    case 'owned-app':
      return ownerSentence(name, data, action)
    case 'invite':
      return `${action === 'create' ? 'Made' : 'Withdrew'} a link to ${data['purpose'] === 'password' ? 'a new password' : 'an account'} for ${text(data['email'])}`
    case 'quota':
      return `Changed what ${name || 'the account'} may have`
    case 'team':
      if ('name' in before) return `Renamed the team from ${text(before['name'])} to ${name}`
      return `${action === 'create' ? 'Made' : 'Deleted'} the team ${name}`
    case 'team-member':
      return memberSentence(data, action)
    case 'team-invitation':
      return action === 'create'
        ? `Invited ${text(data['email'])} as ${text(data['role'])}`
        : `Withdrew the invitation of ${text(data['email'])}`
    case 'allowed-service':
      return action === 'create' ? `Allowed the service ${name}` : `No longer allows the service ${name}`
    case 'dyno':
      return `${name} is ${text(data['state'])}`
    default:
      return `${kindOf(resource)} ${name} ${verbs[action]}`.replace(/\s+/g, ' ')
  }
}

function accountSentence(data: Activity['data'], action: Activity['action']): string {
  const email = text(data['email'])
  const because = text(data['reason'])
  const why = because ? `: ${because}` : ''
  if (action === 'destroy') return `Left, and ended the account ${email}`
  if (action === 'create') return `Made an account, invited by ${text(data['invited_by'])}`
  if (data['changed'] === 'password')
    return data['by'] === 'link' ? 'Chose a new password by a link' : 'Changed the password'
  if (data['state'] === 'suspended') return `Suspended ${email}${why}`
  if (data['state'] === 'active') return `Lifted the suspension of ${email}${why}`
  if (data['is_operator'] === true) return `Made ${email} an operator${why}`
  if (data['is_operator'] === false) return `Took the operator’s rights from ${email}${why}`
  return `Changed the account ${email}`
}

function authorizationSentence(data: Activity['data'], action: Activity['action']): string {
  const token = `the token “${text(data['description'])}”`
  if (action !== 'destroy') return `${action === 'create' ? 'Made' : 'Renewed'} ${token}`
  if (data['because'] === 'client') return `Ended ${token} by removing the program that it was for`
  if (data['because'] === 'replay') return `Ended ${token}, because the code for it was used twice`
  if (data['part']) return `Ended one of the program’s keys to ${token}`
  return `Took back ${token}`
}

/** An app came to a team or a person, or left them. */
function ownerSentence(app: string, data: Activity['data'], action: Activity['action']): string {
  const [team, from, to] = [text(data['team']), text(data['from']), text(data['to'])]
  if (action === 'destroy') return to ? `Gave the app ${app} to ${to}` : `Destroyed the app ${app}`
  if (!from) return `Made the app ${app}`
  return team ? `Moved the app ${app} into ${team}, from ${from}` : `Took over the app ${app} from ${from}`
}

function memberSentence(data: Activity['data'], action: Activity['action']): string {
  const [email, role, team] = [text(data['email']), text(data['role']), text(data['team'])]
  if (action === 'destroy') return `${email} is no longer in ${team}`
  if (action === 'update') return `Made ${email} ${role} of ${team}`
  return data['invited_by']
    ? `Accepted ${text(data['invited_by'])}’s invitation into ${team} as ${role}`
    : `Put ${email} into ${team} as ${role}`
}

/** What a person knows the browser by; its whole name would say nothing more to them. */
function fromWhere(data: Activity['data']): string {
  const agent = text(data['description']).replace(/^Browser: /, '')
  const program = browserName(agent)
  return `${program ? ` with ${program}` : ''}${data['address'] ? ` from ${text(data['address'])}` : ''}`
}

function readSentence(data: Activity['data']): string {
  const names = data['names']
  const of = 'version' in data ? ` of v${text(data['version'])}` : ''
  return Array.isArray(names) ? `Read the value of ${names.join(', ')}${of}` : `Read all config values${of}`
}

export interface Difference {
  field: string
  before: string
  after: string
}

/** Kinds whose sentence says all that changed. */
const saidWhole = new Set(['account', 'team', 'team-member'])

/** What a sentence says of its resource in its own words. */
const saidFields: ReadonlySet<string> = new Set(['locked', 'maintenance', 'name', 'state', 'status'])

/** Plain values that were other before; what the sentence says is left out. */
export function differencesOf({ resource, data, previous_data: before }: Activity): Difference[] {
  if (saidWhole.has(resource)) return []
  return Object.keys(before).flatMap((field) => {
    if (saidFields.has(field)) return []
    const pair = [before[field], data[field]].map(plain)
    return pair[0] === undefined || pair[1] === undefined || pair[0] === pair[1]
      ? []
      : [{ field: field.replaceAll('_', ' '), before: pair[0], after: pair[1] }]
  })
}

function plain(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) {
    const all = value.map((one) =>
      one && typeof one === 'object' ? text((one as { name?: unknown }).name) : text(one),
    )
    return all.join(', ') || 'none'
  }
  if (value && typeof value === 'object') return text((value as { email?: unknown }).email) || undefined
  return text(value) || undefined
}
