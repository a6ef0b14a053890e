import type { Tone } from '../kit/badge.js'

const stages: Record<string, { word: string; tone: Tone; means: string }> = {
  alpha: { word: 'Alpha', tone: 'warn', means: 'You can install it, and whoever is at home on this installation.' },
  beta: { word: 'Beta', tone: 'warn', means: 'Everybody can install it; nothing is billed.' },
  ga: { word: 'Generally available', tone: 'good', means: 'Everybody can install it, and pays for it.' },
  shutdown: { word: 'Shut down', tone: 'bad', means: 'Nobody can install it any more; what is there goes on.' },
}

export function stageOf(state: string): { word: string; tone: Tone; means: string } {
  return stages[state] ?? { word: state, tone: 'neutral', means: '' }
}

/** How an add-on's state is called and shown. */
export const installShown: Record<string, { word: string; tone: Tone }> = {
  provisioning: { word: 'Being created', tone: 'busy' },
  provisioned: { word: 'In use', tone: 'good' },
  deprovisioning: { word: 'Being removed', tone: 'busy' },
}

/** An answer in the colours of what it means: a refusal is an answer, a fault is not. */
export function toneOfStatus(status: number | null): Tone {
  if (status === null) return 'bad'
  return status < 300 ? 'good' : status < 500 ? 'warn' : 'bad'
}

/** Cents a month as a provider wrote them. */
export function centsText(cents: number): string {
  return cents === 0 ? 'Free' : `$${(cents / 100).toFixed(2)} a month`
}
