import type { PlanState } from '@mortise/contract/manifest/manifest'
import type { Tone } from '../kit/badge.js'

const stages: Record<string, { word: string; tone: Tone }> = {
  alpha: { word: 'Alpha', tone: 'warn' },
  beta: { word: 'Beta', tone: 'warn' },
  ga: { word: 'Generally available', tone: 'good' },
  shutdown: { word: 'Shut down', tone: 'bad' },
}

export function stageOf(state: string): { word: string; tone: Tone } {
  return stages[state] ?? { word: state, tone: 'neutral' }
}

/** A stage as what a service is in, is moved to or asks for. */
export const stageNoun = (stage: string): string => (stage === 'ga' ? 'general availability' : stage)

/** How an add-on's state is called and shown. */
export const installShown: Record<string, { word: string; tone: Tone }> = {
  provisioning: { word: 'Being created', tone: 'busy' },
  provisioned: { word: 'In use', tone: 'good' },
  deprovisioning: { word: 'Being removed', tone: 'busy' },
}

/** How a plan's state is called, and what it means for customers. */
export const planStates: Record<PlanState, { word: string; tone: Tone; means: string }> = {
  public: { word: 'Public', tone: 'good', means: 'Listed for everybody.' },
  hidden: { word: 'Hidden', tone: 'neutral', means: 'Not listed; whoever knows its name can order it.' },
  invite_only: { word: 'Invite only', tone: 'busy', means: 'For you and whom you give a pass.' },
  deprecated: { word: 'Deprecated', tone: 'warn', means: 'Who has it keeps it, at its price; nobody new gets it.' },
}

/** An answer in the colours of what it means: a refusal is an answer, a fault is not. */
export function toneOfStatus(status: number | null): Tone {
  if (status === null) return 'bad'
  return status < 300 ? 'good' : status < 500 ? 'warn' : 'bad'
}
