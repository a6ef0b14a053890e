import type { Activity } from '@mortise/contract/platform-api/activity'

/** Kinds of things that an app's trail tells of, as people call them. */
export const kinds: Readonly<Record<string, string>> = {
  addon: 'Add-on',
  'addon-attachment': 'Attachment',
  app: 'App',
  build: 'Build',
  collaborator: 'Collaborator',
  'config-read': 'Config values read',
  domain: 'Domain',
  dyno: 'Dyno',
  formation: 'Dynos scaled',
  'log-drain': 'Log drain',
  release: 'Release',
  'sni-endpoint': 'Certificate',
}

const verbs: Record<Activity['action'], string> = { create: 'added', destroy: 'removed', update: 'changed' }

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
const emailIn = (data: Activity['data']): string => {
  const user = data['user']
  return text(user && typeof user === 'object' ? (user as Record<string, unknown>)['email'] : data['email'])
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
    case 'dyno':
      return `${name} is ${text(data['state'])}`
    default:
      return `${kinds[resource] ?? resource} ${name} ${verbs[action]}`.replace(/\s+/g, ' ')
  }
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

/** Plain values that were other before; what is said by the sentence alone has none. */
export function differencesOf({ data, previous_data: before }: Activity): Difference[] {
  return Object.keys(before).flatMap((field) => {
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
