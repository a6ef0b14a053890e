/** What was looked at, how it is, and what to do about it. */
export interface Finding {
  /** A short name that stays the same, for programs: `disk`, `master key`. */
  check: string
  /** ok · warning: works, and may not for long · problem: does not work, or is not safe */
  state: 'ok' | 'warning' | 'problem'
  /** How it is, in a sentence. */
  message: string
  /** What to do next, in a sentence; empty when it is ok. */
  next: string
}

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message, next: '' })
export const warning = (check: string, message: string, next: string): Finding => ({
  check,
  state: 'warning',
  message,
  next,
})
export const problem = (check: string, message: string, next: string): Finding => ({
  check,
  state: 'problem',
  message,
  next,
})

const marks = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' } as const

/** The findings for people, one or two lines each, and a last line that sums them up. */
export function findingLines(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ check, state, message, next }) => [
    `${marks[state].padEnd(8)} ${check}: ${message}`,
    ...(next ? [`${' '.repeat(9)}${next}`] : []),
  ])
  const many = (state: Finding['state']) => findings.filter((one) => one.state === state).length
  return [...lines, `${findings.length} checks: ${many('problem')} problems, ${many('warning')} warnings.`]
}

/** 1 when something does not work or is not safe, else 0. */
export const exitCodeOf = (findings: readonly Finding[]): number =>
  findings.some(({ state }) => state === 'problem') ? 1 : 0
