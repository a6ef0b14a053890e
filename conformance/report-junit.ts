import { type PhaseId, phaseIds } from './check.js'
import type { CheckResult, Report } from './report.js'

/** The report as JUnit's XML, which CI systems draw: a suite for each phase. Warnings are passed cases with words. */
export function junitText(report: Report, service: string): string {
  const suites = phaseIds.map((phase) => suite(phase, report.checks, service)).filter((text) => text)
  const { checks, failed, skipped, error } = report
  // A run that could not be made must not look green.
  const broken = error
    ? `  <testsuite name="inspection" tests="1" errors="1"><testcase classname="${escaped(service)}" name="the inspection runs"><error message="${escaped(error)}"/></testcase></testsuite>\n`
    : ''
  const total = `tests="${checks.length + (error ? 1 : 0)}" failures="${failed}" skipped="${skipped}" errors="${error ? 1 : 0}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mortise inspect" ${total}>\n${broken}${suites.join('')}</testsuites>\n`
}

function suite(phase: PhaseId, all: CheckResult[], service: string): string {
  const checks = all.filter((each) => each.phase === phase)
  if (checks.length === 0) return ''
  const count = (status: string) => checks.filter((each) => each.status === status).length
  const seconds = (checks.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(3)
  const counts = `tests="${checks.length}" failures="${count('fail')}" skipped="${count('skip')}" time="${seconds}"`
  const cases = checks.map((check) => testCase(check, `${service}.${phase}`)).join('')
  return `  <testsuite name="${phase}" ${counts}>\n${cases}  </testsuite>\n`
}

function testCase(check: CheckResult, classname: string): string {
  const { id, title, status, reason, ms } = check
  const head = `    <testcase classname="${escaped(classname)}" name="${escaped(`${id}: ${title}`)}" time="${(ms / 1000).toFixed(3)}"`
  const words = escaped(
    `${reason}\nrule: ${check.rule} (${check.source})\nsent: ${check.sent}\nreceived: ${check.received}\ndo: ${check.advice}`,
  )
  if (status === 'fail')
    return `${head}>\n      <failure message="${escaped(reason)}">${words}</failure>\n    </testcase>\n`
  if (status === 'skip') return `${head}><skipped message="${escaped(reason)}"/></testcase>\n`
  if (status === 'warn') return `${head}>\n      <system-out>${words}</system-out>\n    </testcase>\n`
  return `${head}/>\n`
}

function escaped(text: string): string {
  return (
    text
      // XML 1.0 has no way to write these.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}
