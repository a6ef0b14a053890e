import type { DeliveryStatus } from '@mortise/contract/platform-api/webhooks'
import type { Tone } from './kit/badge.js'

/** How the state of a webhook's delivery is called and shown, to customers and providers alike. */
export const deliveryShown: Record<DeliveryStatus, { word: string; tone: Tone }> = {
  pending: { word: 'On its way', tone: 'busy' },
  retrying: { word: 'Tried again soon', tone: 'warn' },
  succeeded: { word: 'Taken', tone: 'good' },
  failed: { word: 'Given up', tone: 'bad' },
  skipped: { word: 'Skipped', tone: 'neutral' },
}

/** What the receiver said to one try, or why it said nothing. */
export function answered({ code, error_class }: { code: number | null; error_class: string | null }): string {
  if (code !== null) return `answered ${code}`
  return error_class ? (silences[error_class] ?? error_class.replaceAll('_', ' ')) : 'under way'
}

const silences: Record<string, string> = {
  dns: 'its name leads nowhere',
  refused: 'nobody listens there',
  unreachable: 'it could not be reached',
  tls: 'its certificate is not to be trusted',
  private_address: 'its address is a private one',
  broken: 'it broke off',
  timeout: 'no answer in time',
  interrupted: 'broken off by the platform',
  backlog_full: 'too many waited before it',
}
