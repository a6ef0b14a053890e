import type { Exchange } from './exchange.js'
import type { Inspection } from './inspection.js'

export type Status = 'pass' | 'fail' | 'warn' | 'skip'

/** One thing that a provider promises. */
export interface Check {
  /** Stable: scripts and the documentation name it. */
  id: string
  /** Reads after the word "Check". */
  title: string
  /** What must be so. */
  rule: string
  /** Where the rule comes from. */
  source: string
  /** What to do when it is not so. */
  advice: string
  /** A provider's misbehaviour is a verdict. Exceptions are for skipping, interruption and our own mistakes. */
  run(it: Inspection): Promise<Verdict> | Verdict
}

/** What a check found, and the evidence for it: the exchanges, or two texts when nothing was sent. */
export interface Verdict {
  status: Status
  /** What is wrong, in one sentence; also why something was skipped. */
  reason: string
  evidence: Exchange[] | { sent: string; received: string }
}

export interface Phase {
  id: PhaseId
  /** Reads after the word "Testing". */
  title: string
  checks: readonly Check[]
}

export const phaseIds = [
  'manifest',
  'provision',
  'idempotency',
  'plan',
  'callbacks',
  'sso',
  'deprovision',
  'after',
] as const
export type PhaseId = (typeof phaseIds)[number]

/** Thrown by a check that cannot be made, or need not be, with this provider. */
export class Skipped extends Error {
  override name = 'Skipped'
}

/** Thrown when nothing can be inspected: exit code 2. */
export class CouldNotRun extends Error {
  override name = 'CouldNotRun'
}

type Evidence = Exchange | Exchange[] | { sent: string; received: string }

export const pass = (evidence: Evidence): Verdict => verdict('pass', '', evidence)
export const fail = (reason: string, evidence: Evidence): Verdict => verdict('fail', reason, evidence)
export const warn = (reason: string, evidence: Evidence): Verdict => verdict('warn', reason, evidence)

function verdict(status: Status, reason: string, evidence: Evidence): Verdict {
  return { status, reason, evidence: 'question' in evidence ? [evidence] : evidence }
}
