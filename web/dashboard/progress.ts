import type { Tone } from '../kit/badge.js'

export interface Shown {
  word: string
  tone: Tone
}

const words: Record<string, Shown> = {
  provisioning: { word: 'Being created', tone: 'busy' },
  provisioned: { word: 'Ready', tone: 'good' },
  deprovisioning: { word: 'Being removed', tone: 'busy' },
  deprovisioned: { word: 'Removed', tone: 'neutral' },
  suspended: { word: 'Suspended', tone: 'warn' },
  pending: { word: 'Rolling out', tone: 'busy' },
  succeeded: { word: 'Succeeded', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  expired: { word: 'Expired', tone: 'neutral' },
  up: { word: 'Up', tone: 'good' },
  starting: { word: 'Starting', tone: 'busy' },
  restarting: { word: 'Restarting', tone: 'busy' },
  crashed: { word: 'Crashed', tone: 'bad' },
  down: { word: 'Down', tone: 'neutral' },
  idle: { word: 'Idle', tone: 'neutral' },
}

/** A state of the wire in a person's words; one that is not known yet is shown as it came. */
export const shown = (state: string): Shown => words[state] ?? { word: state, tone: 'neutral' }

/** A build is pending while it is built; nothing of it rolls out yet. */
export const shownBuild = (status: string): Shown =>
  status === 'pending' ? { word: 'Building', tone: 'busy' } : shown(status)
