import type { Addon } from '@mortise/contract/platform-api/addons'
import type { Dyno } from '@mortise/contract/platform-api/dynos'
import type { Release } from '@mortise/contract/platform-api/releases'
import type { Tone } from '../kit/badge.js'

/** How long to keep looking after a change, even when nothing seems to move yet. */
export const lingerMs = 10_000

interface States {
  addons: readonly Pick<Addon, 'state'>[]
  releases: readonly Pick<Release, 'status'>[]
  dynos: readonly Pick<Dyno, 'state'>[]
}

const restless = new Set(['provisioning', 'deprovisioning', 'pending', 'starting', 'restarting', 'stopping'])

/** Whether the app is still on the move, so that looking again is worth a request. */
export function isUnderWay(states: States | undefined, now: number, changedAt: number): boolean {
  if (now - changedAt < lingerMs) return true
  if (!states) return false
  return (
    states.addons.some((addon) => restless.has(addon.state)) ||
    states.releases.some((release) => restless.has(release.status)) ||
    states.dynos.some((dyno) => restless.has(dyno.state))
  )
}

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
