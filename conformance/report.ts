import type { Mask } from '@mortise/contract/partner-api/mask'
import type { Check, PhaseId, Status, Verdict } from './check.js'
import { receivedText, sentText } from './exchange.js'

/** One check as a report shows it. No secrets are in any of these texts. */
export interface CheckResult {
  id: string
  title: string
  status: Status
  phase: PhaseId
  rule: string
  source: string
  /** What is wrong, or why it was skipped; empty for what passed. */
  reason: string
  sent: string
  received: string
  /** What to do; empty for what passed. */
  advice: string
  ms: number
}

export interface CleanUp {
  made: number
  /** One sentence for each resource that may still exist. */
  left: string[]
}

export interface Report {
  passed: number
  failed: number
  warned: number
  skipped: number
  checks: CheckResult[]
  cleanUp: CleanUp
  /** Why the inspection could not run, or did not end; null when it did. */
  error: string | null
}

/** Who reads along while it happens. */
export interface Reader {
  phase?(title: string): void
  begin?(title: string): void
  end?(result: CheckResult): void
}

/** A check, but for how it is made. */
export type Described = Pick<Check, 'id' | 'title' | 'rule' | 'source' | 'advice'>

export function resultOf(check: Described, phase: PhaseId, verdict: Verdict, mask: Mask, ms: number): CheckResult {
  const { status, reason, evidence } = verdict
  const { id, title, rule, source } = check
  const isList = Array.isArray(evidence)
  return {
    id,
    title,
    status,
    phase,
    rule,
    source,
    reason: mask.text(reason),
    sent: isList ? evidence.map((each) => sentText(each, mask)).join('\n\n') : evidence.sent,
    received: isList ? evidence.map((each) => receivedText(each, mask)).join('\n\n') : evidence.received,
    advice: status === 'fail' || status === 'warn' ? check.advice : '',
    ms: Math.round(ms),
  }
}

export function reportOf(checks: CheckResult[], cleanUp: CleanUp, error: string | null): Report {
  const count = (status: Status) => checks.filter((each) => each.status === status).length
  return {
    passed: count('pass'),
    failed: count('fail'),
    warned: count('warn'),
    skipped: count('skip'),
    checks,
    cleanUp,
    error,
  }
}
